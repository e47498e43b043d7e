import type { FaceSubmit, Item, ItemFace, ItemVersion, Labels as WireLabels, Policy } from '../api/types';
import { changesBetween, type Change } from '../model/difference';
import { REGIONS } from '../model/ibug68';
import { fromWire, sameLabels, toWire, withoutAge, type Labels } from '../model/labels';
import { mergeRows, takePart, type MergePart, type MergeRow } from '../model/merge';
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
  #baseRevision: number;
  /** What the base revision says: the face as handed out, or the other version after a stale base. */
  #baseLabels: Labels;
  #restoredBase: number | null = null;

  constructor(item: Item & { face: ItemFace }, policy: Policy) {
    super(item, policy);
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
    this.edit({ ...version.labels, age: this.labels.age });
    this.picked = letter;
    this.changed();
  }

  /** Adjudication: one part of one person's version; everything else stays. */
  pickPart(letter: string, part: MergePart): void {
    const version = this.versions.find((one) => one.author === letter);
    if (!version) return;
    this.endEntry();
    this.edit(takePart(this.labels, version.labels, part));
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
    if (choice === 'theirs') this.edit({ ...labels, age: this.labels.age });
    this.changed();
  }

  // ---- leaving

  override draftData(): Record<string, unknown> {
    return {
      version: 1,
      labels: toWire(this.labels),
      base_revision: this.#baseRevision,
      correcting: this.correcting,
    };
  }

  protected override stateFrom(data: Record<string, unknown>): Labels | null {
    if (data.version !== 1 || typeof data.labels !== 'object' || data.labels === null) return null;
    if (typeof data.base_revision === 'number') this.#restoredBase = data.base_revision;
    if (data.correcting === true) this.correcting = true;
    return fromWire(data.labels as WireLabels);
  }

  override restore(draft: Parameters<WorkSession<Labels>['restore']>[0]): boolean {
    const restored = super.restore(draft);
    // Written on an older version of the face: saving it must meet that version, not overwrite it silently.
    if (restored && this.#restoredBase !== null) this.#baseRevision = this.#restoredBase;
    this.ageEntry = { typed: '', active: this.labels.age === null };
    return restored;
  }

  override discardDraft(): void {
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
