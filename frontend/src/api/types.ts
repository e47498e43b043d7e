/* eslint max-lines: ["error", 500] -- the whole contract stands in one place */
/** The API contract, version 1 (base path /api/v1). All coordinates: pixels of the upright image, continuous frame. */

export type Role = 'admin' | 'adjudicator' | 'annotator' | 'researcher' | 'worker';
export type PassKind = 'annotate' | 'check' | 'adjudicate' | 'sweep';
export type FaceState = 'waiting' | 'checking' | 'disputed' | 'accepted' | 'rejected' | 'too_small';
/** x1, y1, x2, y2; x2 and y2 are exclusive edges. */
export type BoxTuple = [number, number, number, number];
export type PointTuple = [number, number];

export interface Page<T> {
  results: T[];
  next: string | null;
}

export interface Labels {
  box: BoxTuple;
  /** 68 points in iBUG order; a missing point is null. */
  landmarks: (PointTuple | null)[] | null;
  /** Per point: 0 visible, 1 hidden, 2 missing. */
  visibility: number[] | null;
  age: number | null;
  gender: string | null;
  ethnicity: string | null;
  flags: string[];
}

export interface Policy {
  genders: string[];
  ethnicities: string[];
  cannot_tell: string;
  /** Flag name to the labels that it removes. */
  flags: Record<string, string[]>;
  required: string[];
  min_side_px: number;
  checks: number;
  box_iou_min: number;
  landmark_nme_max: number;
  lease_minutes: number;
}

export interface Membership {
  dataset: { id: number; slug: string; name: string };
  role: Role;
}

export interface Session {
  user: { id: number; username: string; name: string; is_admin: boolean };
  memberships: Membership[];
}

export interface Token {
  id: number;
  name: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
}

export interface Dataset {
  id: number;
  slug: string;
  name: string;
  created_at: string;
  role: Role;
  policy: { version: number; created_at: string; comment: string; data: Policy };
}

export interface PolicyVersion {
  version: number;
  created_at: string;
  created_by: string | null;
  comment: string;
  data: Policy;
}

export interface Person {
  membership_id: number;
  user_id: number;
  username: string;
  name: string;
  role: Role;
  is_active: boolean;
  last_seen_at: string | null;
  annotated: number;
  checked: number;
  adjudicated: number;
  swept: number;
  leased: number;
  corrected_by_others_share: number | null;
  faces_per_active_hour: number | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string | null;
  verb: string;
  target_type: string;
  target_id: string;
  details: Record<string, unknown>;
}

export interface Job {
  id: number;
  kind: 'import' | 'prelabel' | 'release';
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  attempt: number;
  done: number;
  total: number | null;
  message: string;
  error: string;
  result: Record<string, unknown>;
  cancel_requested: boolean;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  rate_per_s: number | null;
}

export interface Bin {
  from: number;
  to: number;
  count: number;
}

export interface ValueCount {
  value: string;
  count: number;
}

export interface Overview {
  images: {
    total: number;
    prelabelled: number;
    prelabel_failed: number;
    swept: number;
    rejected: number;
    complete: number;
  };
  faces: { total: number; by_state: Record<FaceState, number>; blocked: number };
  passes: { kind: PassKind; pass_number: number; open: number; leased: number; done: number }[];
  distributions: {
    age: Bin[];
    face_size: Bin[];
    gender: ValueCount[];
    ethnicity: ValueCount[];
    flags: ValueCount[];
  };
  /** Distance from pre-label to accepted label, per provider. */
  edits: {
    made_by: string;
    faces: number;
    median_landmark_nme: number | null;
    median_box_iou: number | null;
  }[];
  jobs: Job[];
  near_duplicates_open: number;
  imports: number;
}

export interface BlockedItem {
  item_id: number;
  face_id: number | null;
  image_id: number;
  kind: PassKind;
  pass_number: number;
  reason: string;
}

export interface Workers {
  nodes: {
    name: string;
    queues: string[];
    last_seen: string;
    alive: boolean;
    capabilities: Record<string, unknown>;
  }[];
  learning: { state: 'absent' | 'installing' | 'ready' | 'failed' | 'skipped'; message: string };
}

export interface Import {
  id: number;
  source: string;
  created_at: string;
  created_by: string | null;
  job: Job | null;
  counts: Record<'imported' | 'converted' | 'linked' | 'unchanged' | 'refused', number>;
}

export interface ImportEntry {
  id: number;
  name: string;
  outcome: string;
  code: string;
  message: string;
  image_id: number | null;
}

export interface ImageRow {
  id: number;
  name: string;
  width: number;
  height: number;
  faces: number;
  accepted: number;
  /** Swept, no verdict, and no face still needs people. */
  complete: boolean;
  verdict: string;
  verdict_reason: string;
  prelabelled_by: string;
  prelabel_error: string;
  swept_at: string | null;
  import_id: number | null;
  source: string;
  licence: string;
  subject_key: string;
  consent: string;
}

export interface ImageDetail extends ImageRow {
  faces_list: { id: number; state: FaceState; box: BoxTuple; current_labels: Labels }[];
}

export interface NearDuplicate {
  id: number;
  distance: number;
  decision: 'open' | 'keep' | 'link' | 'reject';
  earlier: ImageRow;
  later: ImageRow;
}

export interface FaceCard {
  id: number;
  image_id: number;
  image_name: string;
  state: FaceState;
  round: number;
  box: BoxTuple;
  made_by: string;
  author: string | null;
  gender: string | null;
  ethnicity: string | null;
  flags: string[];
  age_mean: number | null;
  age_sd: number | null;
  age_n: number;
  crop_url: string;
  needs_person: string;
  closed_at: string | null;
}

export interface FacePage extends Page<FaceCard> {
  total: number;
  facets: Record<string, Record<string, number>>;
}

export interface RevisionRow {
  id: number;
  parent: number | null;
  kind: string;
  round: number;
  author: string | null;
  made_by: string;
  created_at: string;
  labels: Labels;
  comment: string;
  changes: { part: string; text: string }[];
}

export interface FaceDetail extends FaceCard {
  labels: Labels;
  /** The version that `labels` come from. */
  current_revision: number;
  /** Oldest first. */
  revisions: RevisionRow[];
  open_item: { kind: PassKind; pass_number: number; leased_to: string | null } | null;
  blocked_reason: string | null;
  subject_key: string;
  consent: string;
  image: ImageRow;
  policy_version: number | null;
}

export interface Lease {
  token: string;
  until: string;
}

export interface CropRegion {
  url: string;
  /** Region of the upright image; it may reach outside the image, where it is black. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Side of the square JPEG. */
  pixels: number;
}

export interface ItemVersion {
  revision: number;
  /** 'A', 'B', 'C': names stay hidden from the adjudicator. */
  author: string;
  labels: Labels;
  comment: string;
}

export interface ItemFace {
  id: number;
  base_revision: number;
  /** The age is always null: it is asked blind. */
  labels: Labels;
  prelabel: Labels | null;
  needs_person: string;
  /** Degrees, clockwise positive. */
  roll: number;
  crop: CropRegion;
  versions?: ItemVersion[];
  dispute_reason?: string;
}

export interface SweepFace {
  id: number;
  state: FaceState;
  box: BoxTuple;
  detector: string;
  score: number | null;
  needs_person: string;
}

export interface Draft {
  sequence: number;
  data: Record<string, unknown>;
  updated_at: string;
}

export interface Item {
  id: number;
  kind: PassKind;
  pass_number: number;
  /** 1 + checks */
  passes_total: number;
  round: number;
  lease: Lease;
  dataset_id: number;
  image: { id: number; width: number; height: number; url: string };
  face: ItemFace | null;
  sweep: { faces: SweepFace[] } | null;
  draft: Draft | null;
}

export type KindCounts = Record<PassKind, number>;

export interface Claimed {
  items: Item[];
  waiting: KindCounts;
  blocked: number;
  none_reason: string | null;
}

export interface HeartbeatAnswer {
  alive: { item: number; until: string }[];
  lost: number[];
}

export interface FaceSubmit {
  submission_id: string;
  token: string;
  base_revision: number;
  verdict: 'save' | 'accept' | 'dispute';
  labels: Labels;
  comment?: string;
  active_ms?: number;
}

export type ImageVerdict = 'reject' | 'quarantine' | 'rotate90' | 'rotate180' | 'rotate270';

export interface SweepSubmit {
  submission_id: string;
  token: string;
  added: { box: BoxTuple }[];
  rejected: number[];
  verdict: ImageVerdict | null;
  reason?: string;
  active_ms?: number;
}

export interface Submitted {
  item: number;
  face_id: number | null;
  revision: number | null;
  state: string;
  kept_as: 'counted' | 'side';
  message: string;
}

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

export interface MyWork extends Page<MyPass> {
  today: KindCounts;
  total: KindCounts;
}

export interface MyPass {
  pass_id: number;
  item: number;
  face_id: number | null;
  image_id: number;
  kind: PassKind;
  created_at: string;
  state: string;
  crop_url: string | null;
}

export interface Release {
  id: number;
  number: number;
  name: string;
  state: 'building' | 'ready' | 'failed';
  created_at: string;
  created_by: string | null;
  policy_version: number;
  complete_images_only: boolean;
  manifest: Record<string, unknown>;
  job: Job | null;
  counts: { images: number; faces: number; ignored: number } | null;
  downloads: { native: string; coco: string } | null;
}
