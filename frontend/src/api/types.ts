/**
 * The shapes of the API (base path /api/v1), generated from its OpenAPI schema: `make schema` writes schema.yaml and
 * schema.d.ts. Here they only get their short names, and coordinates their lengths, which OpenAPI cannot say.
 * All coordinates: pixels of the upright image, continuous frame.
 */

import type { components } from './schema';

type Schemas = components['schemas'];

/** x1, y1, x2, y2; x2 and y2 are exclusive edges. */
export type BoxTuple = [number, number, number, number];
export type PointTuple = [number, number];

/** Boxes have four numbers, points two, a missing point is null, labels are whole; nothing is read-only to the page. */
type Sharp<T> = T extends readonly (infer Element)[]
  ? Sharp<Element>[]
  : T extends object
    ? {
        -readonly [Key in keyof T]: Key extends 'box'
          ? BoxTuple
          : Key extends 'landmarks'
            ? (PointTuple | null)[] | null
            : Key extends 'labels' | 'current_labels'
              ? Labels
              : Key extends 'prelabel'
                ? Labels | null
                : Sharp<T[Key]>;
      }
    : T;

/** A response carries every field, also those that a request may leave out. */
type Answer<Name extends keyof Schemas> = Required<Sharp<Schemas[Name]>>;
type Ask<Name extends keyof Schemas> = Sharp<Schemas[Name]>;

export interface Page<T> {
  results: T[];
  next: string | null;
}

export type Role = Schemas['RoleEnum'];
export type PassKind = Schemas['PassKind'];
export type FaceState = Schemas['FaceState'];
export type KindCounts = Answer<'KindCounts'>;
/** Age is null wherever it is asked blind; visibility per point: 0 visible, 1 hidden, 2 missing. */
export type Labels = Answer<'Labels'>;
/** Flags map to the labels that they remove. */
export type Policy = Omit<Answer<'PolicyData'>, 'flags' | 'required'> & {
  flags: Record<string, string[]>;
  required: string[];
};

// ---- people
export type Session = Answer<'Session'>;
export type Membership = Answer<'SessionMembership'>;
export type Token = Answer<'Token'>;
export type Person = Answer<'Person'>;
export type AuditEntry = Answer<'AuditEntry'>;
export interface AuditPage extends Page<AuditEntry> {
  choices: Schemas['AuditPage']['choices'];
}
export type ImageView = Answer<'ImageView'>;

// ---- datasets
export type Dataset = Omit<Answer<'Dataset'>, 'policy'> & {
  policy: Omit<Answer<'DatasetPolicy'>, 'data'> & { data: Policy };
};
export type PolicyVersion = Omit<Answer<'PolicyVersion'>, 'data'> & { data: Policy };
export type Overview = Answer<'Overview'>;
export type Progress = Answer<'Progress'>;
export type Bin = Answer<'Bin'>;
export type ValueCount = Answer<'ValueCount'>;
export type BlockedItem = Answer<'Blocked'>;
export type Workers = Answer<'Workers'>;
export type Job = Answer<'Job'>;
export type Release = Answer<'Release'>;
/** What an order for many faces or images would do. */
export type BulkPlan = Answer<'Plan'>;
export type BulkAnswer = Answer<'BulkAnswer'>;
export type BulkAction = Schemas['BulkRequest']['action'];
export type Effort = Answer<'Effort'>;
export type Delivery = Answer<'Delivery'>;
export type DeliveryAnswer = Answer<'DeliveryAnswer'>;

// ---- gold and skill
export type Estimate = Schemas['SkillEstimate'];
export type PersonQuality = Answer<'PersonQuality'>;
export type QualityReport = Answer<'Quality'>;
export type PersonSkill = Answer<'PersonSkill'>;
export type Gold = Answer<'Gold'>;
export type GoldKind = Gold['kind'];
export type GoldMade = Answer<'GoldMade'>;
export type GoldCandidate = Answer<'Candidate'>;
export type GroupBias = Answer<'GroupBias'>;

// ---- models
export type ModelVersion = Answer<'ModelVersion'>;
export type ModelState = ModelVersion['state'];
export type Models = Answer<'Models'>;
export type Promotion = Answer<'Promotion'>;
export type StageName = Schemas['StagesEnum'];
export type TrainingRun = Answer<'TrainingRun'>;
export type TrainingPoint = Answer<'TrainingPoint'>;
export type TrainingSettings = Answer<'TrainingSettings'>;
export type Economy = Answer<'Economy'>;

// ---- quality: agreement
export type Agreement = Answer<'Agreement'>;
export type AgreementReport = Answer<'AgreementReport'>;
export type AgreementRow = Answer<'AgreementRow'>;
export type Aggregations = Answer<'Aggregations'>;
export type AggregationFigures = Answer<'AggregationFigures'>;

// ---- images and faces
export type Import = Answer<'Import'>;
export type ImportEntry = Answer<'ImportEntry'>;
export type ImageRow = Answer<'ImageRow'>;
export type ImageDetail = Answer<'ImageDetail'>;
export type NearDuplicate = Answer<'NearDuplicate'>;
export type FaceCard = Answer<'FaceCard'>;
export type FacePage = Answer<'FacePage'>;
export type RevisionRow = Answer<'RevisionRow'>;
export type FaceDetail = Answer<'FaceDetail'>;
export type Question = Answer<'Question'>;
export type QuestionCounts = Answer<'QuestionCounts'>;

// ---- work
export type Lease = Answer<'Lease'>;
/** The square region may reach outside the image, where it is black; `pixels` is the side of its JPEG. */
export type CropRegion = Answer<'Crop'>;
/** `author` is a letter: names stay hidden from the adjudicator. */
export type ItemVersion = Answer<'Version'>;
/** Versions and the reason of a dispute come with adjudications only. Roll in degrees, clockwise positive. */
export type ItemFace = Ask<'ItemFace'>;
export type SweepFace = Answer<'SweepFace'>;
/** A box that may be a missed face. */
export type SweepSuggestion = Ask<'Suggestion'>;
export type Draft = Answer<'KeptDraft'>;
export type Item = Ask<'Item'>;
export type Claimed = Ask<'Claimed'>;
export type Waiting = Answer<'Waiting'>;
export type HeartbeatAnswer = Answer<'HeartbeatAnswer'>;
export type Submitted = Answer<'Submitted'>;
export type MyPass = Answer<'MyPass'>;
export type MyWork = Answer<'MyWork'>;
export type TakenBack = Ask<'TakenBack'>;
export type Feedback = Answer<'Feedback'>;
export type Decision = Answer<'Decision'>;
export type FaceSubmit = Ask<'FaceSubmitRequest'>;
export type SweepSubmit = Ask<'SweepSubmitRequest'>;
export type ImageVerdict = NonNullable<SweepSubmit['verdict']>;

// ---- details of refusals (`details` of a Problem)
export interface Violation {
  code: string;
  label: string;
  message: string;
}

export interface StaleBase {
  yours: Labels;
  theirs: { revision: number; author: string; labels: Labels };
  base_revision: number;
}

// ---- tutorial and guide
export type Guide = Answer<'Guide'>;
export type GuideExample = Guide['examples'][number];
export type Tutorial = Omit<Answer<'Tutorial'>, 'lessons'> & { lessons: Lesson[] };
export type Lesson = Omit<Answer<'Lesson'>, 'face' | 'feedback'> & {
  face: ItemFace;
  feedback: LessonFeedback | null;
};
/** What was right in an answer, part by part, and the labels that it was measured against. */
export type LessonFeedback = Omit<Answer<'LessonFeedback'>, 'given' | 'truth'> & {
  given: Labels;
  truth: Labels;
};
export type Finding = LessonFeedback['findings'][number];
export type LessonName = Lesson['lesson'];
export type TutorialState = Answer<'TutorialState'>;
export type TutorialFace = Answer<'TutorialFace'>;
