import type { FaceSubmit, Item, ItemFace, ItemVersion, Labels as WireLabels, Policy } from '../api/types';
import { changesBetween, type Change } from '../model/difference';
import { regionOf, REGIONS } from '../model/ibug68';
import { relabelled, stateFromData, stateToData, type FaceState } from '../model/faceState';
import { fromWire, sameLabels, toWire, withoutAge, type Labels } from '../model/labels';
import { mergeRows, takePart, type MergePart, type MergeRow } from '../model/merge';
import type { PointHabits } from './pointHabits';
import { newUuid } from './ids';
import { LabelEditor } from './labelEditor';
import type { WorkSession } from './workSession';

/** A version of the same face saved by somebody else since this one was handed out. */
export interface Theirs {
  author: string;
  revision: number;
  labels: Labels;
}

export type Version = Omit<ItemVersion, 'labels'> & { labels: Labels };

/** The work on one face from being handed out to being sent: versions, drafts, a stale base, the submission. */
export class FaceSession extends LabelEditor {
  readonly versions: readonly Version[];
  theirs: Theirs | null = null;
  /** The letter of the version that the adjudicator took, until it is edited. */
  picked: string | null = null;
  /** What the person confirmed among other faces: labels, and flags as 'flag.name'. */
  confirmed: ReadonlySet<string> = new Set();
  #baseRevision: number;
  /** What the base revision says: the face as handed out, or the other version after a stale base. */
  #baseLabels: Labels;

  constructor(item: Item & { face: ItemFace }, policy: Policy, habits?: PointHabits) {
    super(item, policy, habits);
    this.#baseRevision = item.face.base_revision;
    this.#baseLabels = this.base;
    this.versions = (item.face.versions ?? []).map((one) => ({ ...one, labels: fromWire(one.labels) }));
  }

  get baseRevision(): number {
    return this.#baseRevision;
  }

  /** Anything that was shown differs from the version that this one builds on; age and blind answers are no correction. */
  get isCorrected(): boolean {
    return !sameLabels(withoutAge(this.#withBlindOf(this.labels, this.#baseLabels)), this.#baseLabels);
  }

  /** Changes since the pre-label in what is not asked blind, or null where the face never had one. */
  get changes(): Change[] | null {
    const found = this.prelabel && changesBetween(this.prelabel, this.labels);
    if (!found) return null;
    return found.filter(({ part }) => {
      if (part === 'gender' || part === 'ethnicity') return !this.isAskedBlind(part);
      const isShape = part === 'landmarks' || REGIONS.some((region) => region.name === part);
      return !(isShape && this.isAskedBlind('landmarks'));
    });
  }

  /** What the versions say of each part, and which of it the present labels have. */
  get mergeRows(): MergeRow[] {
    return mergeRows(this.versions, this.labels);
  }

  /** `labels` with the blind answers of `other`. */
  #withBlindOf(labels: Labels, other: Labels): Labels {
    return {
      ...labels,
      landmarks: this.isAskedBlind('landmarks') ? other.landmarks : labels.landmarks,
      gender: this.isAskedBlind('gender') ? other.gender : labels.gender,
      ethnicity: this.isAskedBlind('ethnicity') ? other.ethnicity : labels.ethnicity,
    };
  }

  protected override edited(): void {
    this.picked = null;
    super.edited();
  }

  /** Adjudication: start from one person's version; the adjudicator's own age stays. */
  pick(letter: string): void {
    const version = this.versions.find((one) => one.author === letter);
    if (!version) return;
    this.endEntry();
    this.#replace({ ...version.labels, age: this.labels.age });
    this.picked = letter;
    this.changed();
  }

  /** Adjudication: one part of one person's version; everything else stays. */
  pickPart(letter: string, part: MergePart): void {
    const version = this.versions.find((one) => one.author === letter);
    if (!version) return;
    this.endEntry();
    this.#replace(takePart(this.labels, version.labels, part), (index) => regionOf(index) !== part);
    this.changed();
  }

  meetTheirs(author: string, revision: number, labels: WireLabels): void {
    this.theirs = { author, revision, labels: withoutAge(fromWire(labels)) };
    this.changed();
  }

  /** After a stale base: continue from the other version, or keep this one on top of it. */
  resolve(choice: 'theirs' | 'mine'): void {
    if (!this.theirs) return;
    const { revision, labels } = this.theirs;
    this.#baseRevision = revision;
    this.#baseLabels = labels;
    this.theirs = null;
    this.correcting = true;
    if (choice === 'theirs') this.#replace({ ...labels, age: this.labels.age });
    this.changed();
  }

  /** Somebody else's labels instead of the present ones: their points are no pins of this person. */
  #replace(labels: Labels, keep: (index: number) => boolean = () => false): void {
    this.edit(relabelled(this.state, labels, keep));
  }

  // ---- leaving

  protected override dataOf(state: FaceState): Record<string, unknown> {
    return {
      version: 1,
      ...stateToData(state),
      base_revision: this.#baseRevision,
      correcting: this.correcting,
      ...(this.confirmed.size > 0 ? { confirmed: [...this.confirmed] } : {}),
    };
  }

  protected override stateFrom(data: Record<string, unknown>): FaceState | null {
    return data.version === 1 ? stateFromData(data, this.initial.shape.start) : null;
  }

  protected override readBeside(data: Record<string, unknown>): void {
    // Written on an older version of the face: saving it must meet that version, not overwrite it silently.
    if (typeof data.base_revision === 'number') this.#baseRevision = data.base_revision;
    if (data.correcting === true) this.correcting = true;
    const { confirmed } = data;
    if (Array.isArray(confirmed)) {
      this.confirmed = new Set(confirmed.filter((one): one is string => typeof one === 'string'));
    }
  }

  override restore(...draft: Parameters<WorkSession<FaceState>['restore']>): boolean {
    const restored = super.restore(...draft);
    if (!restored) this.#baseRevision = this.face.base_revision;
    this.ageEntry = { typed: '', active: this.labels.age === null };
    return restored;
  }

  override chooseDraft(choice: 'other' | 'this'): void {
    super.chooseDraft(choice);
    this.afterJump();
  }

  /** An answer that was only confirmed is work as well: the draft keeps it, and the item stays with the person. */
  override get isDirty(): boolean {
    return this.confirmed.size > 0 || super.isDirty;
  }

  /** The present answer is the person's own, or (false) not yet again. */
  confirm(label: string, isConfirmed = true): void {
    if (this.confirmed.has(label) === isConfirmed) return;
    const others = [...this.confirmed].filter((one) => one !== label);
    this.confirmed = new Set(isConfirmed ? [...others, label] : others);
    this.edited();
  }

  override discardDraft(): void {
    this.confirmed = new Set();
    this.#baseRevision = this.face.base_revision;
    super.discardDraft();
    this.afterJump();
  }

  /** The request body of a save, with a new submission id. A reason disputes a check, or sends a dispute back. */
  submission(reason?: string): FaceSubmit {
    this.endEntry();
    const isCheck = this.item.kind === 'check';
    const verdict =
      reason !== undefined
        ? isCheck
          ? 'dispute'
          : 'send_back'
        : isCheck && !this.isCorrected
          ? 'accept'
          : 'save';
    return {
      submission_id: newUuid(),
      token: this.item.lease.token,
      base_revision: this.#baseRevision,
      verdict,
      labels: toWire(this.labels),
      comment: reason ?? '',
      active_ms: this.activity.milliseconds,
    };
  }
}
