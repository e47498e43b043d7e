import type { Item, ItemFace, Policy, Violation } from '../api/types';
import { imagePx, type ImagePx } from '../model/coords';
import { fromWire, sameLabels, withoutAge, type Labels } from '../model/labels';
import { isConflict, remedied, removedBy, violations } from '../model/policy';
import { chooseClass, setAge, toggleClass, toggleFlag, typeAgeDigit } from '../tools/attributes';
import { boxBetween, dragBox, type BoxHandle } from '../tools/box';
import {
  addLandmarks,
  cycledPoint,
  ghostPlaces,
  isUnplaced,
  movePoint,
  nudgePoint,
  removeLandmarks,
  removePoint,
  restorePoint,
  toggleHidden,
  templateMoved,
} from '../tools/landmarks';
import { WorkSession } from './workSession';

export type Selection = { kind: 'point'; index: number } | { kind: 'box' } | null;

export type Drag =
  | { kind: 'point'; index: number; grip: ImagePx }
  | { kind: 'box'; handle: BoxHandle; from: ImagePx; box: Labels['box'] }
  | { kind: 'newBox'; from: ImagePx; to: ImagePx };

const UNPLACED: Violation = {
  code: 'placement_missing',
  label: 'landmarks',
  message:
    'The points still lie where the template put them: place them on the face, remove them, or set a flag that says why they are absent.',
};

export interface AgeEntry {
  /** Digits typed so far; '' between entries. */
  typed: string;
  /** Digits mean an age now (else an ethnicity). */
  active: boolean;
}

/** Points that this person places on their own: of a face to annotate, and of a check that asks for them blind. */
const placesPoints = (item: Item & { face: ItemFace }): boolean =>
  item.kind === 'annotate' || item.face.asked_blind.includes('landmarks');

/**
 * What a person starts from: the labels as handed out. A face to annotate that has no points (a person drew it, or
 * its pre-label is hidden) gets the template in its box, so that every face is labelled by moving points.
 */
function startingLabels(item: Item & { face: ItemFace }): Labels {
  const labels = withoutAge(fromWire(item.face.labels));
  const places = placesPoints(item) && labels.landmarks === null && !item.face.prelabel?.landmarks;
  return places && labels.flags.length === 0 ? addLandmarks(labels, null, item.face.roll) : labels;
}

/** Editing the labels of one face: what is selected, the gesture under way, each command as one undo step. */
export abstract class LabelEditor extends WorkSession<Labels> {
  readonly face: ItemFace;
  readonly prelabel: Labels | null;
  selection: Selection = null;
  drag: Drag | null = null;
  ageEntry: AgeEntry = { typed: '', active: true };
  /** Waiting for the two corners of a new box. */
  awaitingBox = false;
  /** A check shows labels read-only until the person chooses to correct. */
  correcting: boolean;

  constructor(
    item: Item & { face: ItemFace },
    readonly policy: Policy,
  ) {
    super(item, startingLabels(item));
    this.face = item.face;
    this.prelabel = item.face.prelabel && fromWire(item.face.prelabel);
    this.correcting = item.kind !== 'check' || this.isAskedBlind('landmarks');
  }

  get labels(): Labels {
    return this.state;
  }

  /** A checker gives this without seeing anybody's; it is open to them without correcting. */
  isAskedBlind(label: 'landmarks' | 'gender' | 'ethnicity'): boolean {
    return this.item.kind === 'check' && this.face.asked_blind.includes(label);
  }

  /** The labels as handed out, without an age. */
  get base(): Labels {
    return this.initial;
  }

  get isDirty(): boolean {
    return !sameLabels(this.labels, this.base);
  }

  get violations(): Violation[] {
    const found = violations(this.policy, this.labels);
    const removed = removedBy(this.policy, this.labels.flags).has('landmarks');
    return this.isUnplaced && !removed ? [...found, UNPLACED] : found;
  }

  /** It came without points, and those it has lie where the template put them: nobody looked for their places. */
  get isUnplaced(): boolean {
    return this.face.labels.landmarks === null && isUnplaced(this.labels, this.face.roll);
  }

  /** Places where removed points would come back. */
  get ghosts(): (ImagePx | null)[] {
    return ghostPlaces(this.labels, [this.base.landmarks, this.prelabel?.landmarks ?? null], this.face.roll);
  }

  // ---- selection

  select(selection: Selection): void {
    this.endEntry();
    this.selection = selection;
    this.changed();
  }

  cycle(step: 1 | -1): void {
    const from = this.selection?.kind === 'point' ? this.selection.index : null;
    const index = cycledPoint(this.labels, from, step);
    if (index !== null) this.select({ kind: 'point', index });
  }

  startCorrecting(): void {
    this.correcting = true;
    this.changed();
  }

  // ---- gestures

  /** Take hold of a point; `at` is where the pointer is, so that the point does not jump to it. */
  beginPointDrag(index: number, at: ImagePx): void {
    const point = this.labels.landmarks?.points[index];
    if (!this.correcting || !point) return;
    this.endEntry();
    this.selection = { kind: 'point', index };
    this.drag = { kind: 'point', index, grip: imagePx(point.x - at.x, point.y - at.y) };
    this.history.begin();
    this.changed();
  }

  beginBoxDrag(handle: BoxHandle, at: ImagePx): void {
    if (!this.correcting) return;
    this.endEntry();
    this.selection = { kind: 'box' };
    this.drag = { kind: 'box', handle, from: at, box: this.labels.box };
    this.history.begin();
    this.changed();
  }

  beginNewBox(at: ImagePx): void {
    if (!this.correcting || !this.awaitingBox) return;
    this.endEntry();
    this.drag = { kind: 'newBox', from: at, to: at };
    this.history.begin();
    this.changed();
  }

  dragTo(at: ImagePx): void {
    const { drag } = this;
    if (!drag) return;
    if (drag.kind === 'point') {
      this.history.update(
        movePoint(this.labels, drag.index, imagePx(at.x + drag.grip.x, at.y + drag.grip.y)),
      );
    } else if (drag.kind === 'box') {
      const delta = imagePx(at.x - drag.from.x, at.y - drag.from.y);
      this.history.update(this.#boxed(dragBox(drag.box, drag.handle, delta, this.item.image)));
    } else {
      this.drag = { ...drag, to: at };
    }
    this.changed();
  }

  /** Let go: one undo step. */
  endDrag(): void {
    const { drag } = this;
    if (!drag) return;
    this.drag = null;
    if (drag.kind === 'newBox') {
      const box = boxBetween(drag.from, drag.to, this.item.image);
      if (box) {
        this.history.update(this.#boxed(box));
        this.awaitingBox = false;
        this.selection = { kind: 'box' };
      }
    }
    this.history.commit();
    this.edited();
  }

  cancelDrag(): void {
    if (!this.drag) return;
    this.drag = null;
    this.history.cancel();
    this.changed();
  }

  /** Ask for a new box: the next drag on the photograph draws it. */
  awaitBox(waiting: boolean): void {
    if (!this.correcting) return;
    this.awaitingBox = waiting;
    this.changed();
  }

  /** One key press moves the selection; a held key's repeats belong to the same step until endNudge. */
  nudge(delta: ImagePx, isRepeat: boolean): void {
    if (!this.correcting || !this.selection) return;
    if (!isRepeat || !this.history.inGesture) {
      this.endEntry();
      this.history.begin();
    }
    this.history.update(
      this.selection.kind === 'point'
        ? nudgePoint(this.labels, this.selection.index, delta)
        : this.#boxed(dragBox(this.labels.box, 'move', delta, this.item.image)),
    );
    this.edited();
  }

  endNudge(): void {
    if (this.drag || this.ageEntry.typed.length === 1) return;
    this.history.commit();
    this.changed();
  }

  // ---- landmarks

  removeSelected(): void {
    if (this.selection?.kind === 'point') this.#edit(removePoint(this.labels, this.selection.index));
    else if (this.selection?.kind === 'box') this.awaitBox(true);
  }

  restoreSelected(): void {
    if (this.selection?.kind === 'point') this.restoreAt(this.selection.index);
  }

  restoreAt(index: number): void {
    const place = this.ghosts[index];
    if (place) this.#edit(restorePoint(this.labels, index, place));
  }

  toggleHidden(): void {
    if (this.selection?.kind === 'point') this.#edit(toggleHidden(this.labels, this.selection.index));
  }

  toggleLandmarks(): void {
    const earlier = this.base.landmarks ?? this.prelabel?.landmarks ?? null;
    if (this.labels.landmarks) {
      if (this.selection?.kind === 'point' && this.correcting) this.selection = null;
      this.#edit(removeLandmarks(this.labels));
    } else this.#edit(addLandmarks(this.labels, earlier, this.face.roll));
  }

  // ---- attributes

  choose(attribute: 'gender' | 'ethnicity', value: string): void {
    this.#edit(chooseClass(this.labels, attribute, value), this.isAskedBlind(attribute));
  }

  toggleClass(attribute: 'gender' | 'ethnicity', value: string): void {
    this.#edit(toggleClass(this.labels, attribute, value), this.isAskedBlind(attribute));
  }

  toggleFlag(flag: string): void {
    this.#edit(toggleFlag(this.labels, flag));
  }

  /** From the ruler: a whole age at once. */
  setAge(age: number | null): void {
    this.endEntry();
    this.ageEntry = { typed: '', active: age === null };
    this.edit(setAge(this.labels, age));
    this.changed();
  }

  /** Both digits of one age are one undo step. */
  typeDigit(digit: string): void {
    const next = typeAgeDigit(this.ageEntry.typed, digit);
    if (next.entry.length === 1) this.history.begin();
    this.history.update(setAge(this.labels, next.age));
    this.ageEntry = { typed: next.entry, active: true };
    if (next.complete) this.endEntry();
    this.edited();
  }

  /** Digits mean an age again. */
  retypeAge(): void {
    this.endEntry();
    this.ageEntry = { typed: '', active: true };
    this.changed();
  }

  protected endEntry(): void {
    if (this.ageEntry.typed !== '') this.ageEntry = { typed: '', active: false };
    if (!this.drag) this.history.commit();
  }

  // ---- solving

  /** Take away everything that contradicts the flags. */
  remedy(): void {
    if (!this.violations.some(isConflict)) return;
    if (this.labels.landmarks && this.selection?.kind === 'point') this.selection = null;
    this.endEntry();
    this.edit(remedied(this.policy, this.labels));
  }

  override undo(): void {
    this.#settle();
    super.undo();
    this.afterJump();
  }

  override redo(): void {
    this.#settle();
    super.redo();
    this.afterJump();
  }

  #settle(): void {
    if (this.drag) this.cancelDrag();
    this.endEntry();
  }

  /** The labels became others as a whole: what pointed into the old ones is let go. */
  protected afterJump(): void {
    this.ageEntry = { typed: '', active: this.labels.age === null };
    if (!this.labels.landmarks && this.selection?.kind === 'point') this.selection = null;
    this.changed();
  }

  #boxed(box: Labels['box']): Labels {
    return this.isUnplaced ? templateMoved(this.labels, box, this.face.roll) : { ...this.labels, box };
  }

  #edit(next: Labels, isOpen = false): void {
    if (!this.correcting && !isOpen) return;
    this.endEntry();
    this.edit(next);
  }
}
