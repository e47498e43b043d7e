import type { Item, ItemFace, Policy, Violation } from '../api/types';
import { t } from '../i18n';
import { imagePx, type ImagePx } from '../model/coords';
import { relabelled } from '../model/faceState';
import { sameLabels, type Labels } from '../model/labels';
import { isConflict, remedied, removedBy, violations } from '../model/policy';
import { chooseClass, setAge, toggleClass, toggleFlag, typeAgeDigit } from '../tools/attributes';
import { boxBetween, dragBox, type BoxHandle } from '../tools/box';
import { isUnplaced, templateMoved } from '../tools/landmarks';
import type { PointHabits } from './pointHabits';
import { ShapeEditor } from './shapeEditor';

const unplaced = (): Violation => ({
  code: 'placement_missing',
  label: 'landmarks',
  message: t('words.placementMissing'),
});

export interface AgeEntry {
  /** Digits typed so far; '' between entries. */
  typed: string;
  /** Digits mean an age now (else an ethnicity). */
  active: boolean;
}

/** Editing all labels of one face: its points (see PointEditor and ShapeEditor), box, attributes and flags; one undo step each. */
export abstract class LabelEditor extends ShapeEditor {
  ageEntry: AgeEntry = { typed: '', active: true };
  /** Waiting for the two corners of a new box. */
  awaitingBox = false;

  constructor(
    item: Item & { face: ItemFace },
    readonly policy: Policy,
    habits?: PointHabits,
  ) {
    super(item, habits);
  }

  /** A checker gives this without seeing anybody's; it is open to them without correcting. */
  isAskedBlind(label: 'landmarks' | 'gender' | 'ethnicity'): boolean {
    return this.item.kind === 'check' && this.face.asked_blind.includes(label);
  }

  get isDirty(): boolean {
    return this.pins.length > 0 || !sameLabels(this.labels, this.base);
  }

  get violations(): Violation[] {
    const found = violations(this.policy, this.labels);
    const removed = removedBy(this.policy, this.labels.flags).has('landmarks');
    return this.isUnplaced && !removed ? [...found, unplaced()] : found;
  }

  /** It came without points, and those it has lie where the template put them: nobody looked for their places. */
  get isUnplaced(): boolean {
    return this.face.labels.landmarks === null && isUnplaced(this.labels, this.face.roll);
  }

  // ---- the box

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

  override dragTo(at: ImagePx): void {
    const { drag } = this;
    if (drag?.kind === 'box') {
      const delta = imagePx(at.x - drag.from.x, at.y - drag.from.y);
      this.#update(this.#boxed(dragBox(drag.box, drag.handle, delta, this.item.image)));
    } else if (drag?.kind === 'newBox') {
      this.drag = { ...drag, to: at };
    }
    super.dragTo(at);
  }

  override endDrag(): void {
    const { drag } = this;
    if (drag?.kind === 'newBox') {
      const box = boxBetween(drag.from, drag.to, this.item.image);
      if (box) {
        this.#update(this.#boxed(box));
        this.awaitingBox = false;
        this.selection = { kind: 'box' };
      }
    }
    super.endDrag();
  }

  /** Ask for a new box: the next drag on the photograph draws it. */
  awaitBox(waiting: boolean): void {
    if (!this.correcting) return;
    this.awaitingBox = waiting;
    this.changed();
  }

  /** One key press moves what is held: the part's box, else the selection. Repeats belong to one step until endNudge. */
  nudge(delta: ImagePx, isRepeat: boolean): void {
    if (!this.correcting || (!this.selection && !this.part)) return;
    if (!isRepeat || !this.history.inGesture) {
      this.endEntry();
      this.history.begin();
    }
    if (this.part) this.nudgedPart(delta);
    else if (this.selection?.kind === 'point') this.history.update(this.nudged(this.selection.index, delta));
    else this.#update(this.#boxed(dragBox(this.labels.box, 'move', delta, this.item.image)));
    this.edited();
  }

  endNudge(): void {
    if (this.drag || this.ageEntry.typed.length === 1) return;
    this.history.commit();
    this.changed();
  }

  override removeSelected(): void {
    if (this.selection?.kind === 'box') this.awaitBox(true);
    else super.removeSelected();
  }

  // ---- attributes

  choose(attribute: 'gender' | 'ethnicity', value: string): void {
    this.editLabels(chooseClass(this.labels, attribute, value), this.isAskedBlind(attribute));
  }

  toggleClass(attribute: 'gender' | 'ethnicity', value: string): void {
    this.editLabels(toggleClass(this.labels, attribute, value), this.isAskedBlind(attribute));
  }

  toggleFlag(flag: string): void {
    this.editLabels(toggleFlag(this.labels, flag));
  }

  /** The flag the other way; what it takes away goes with it, in one step. */
  toggleWholeFlag(flag: string): void {
    this.editLabels(remedied(this.policy, toggleFlag(this.labels, flag)));
  }

  /** From the ruler: a whole age at once. */
  setAge(age: number | null): void {
    this.endEntry();
    this.ageEntry = { typed: '', active: age === null };
    this.edit(relabelled(this.state, setAge(this.labels, age)));
    this.changed();
  }

  /** Both digits of one age are one undo step. */
  typeDigit(digit: string): void {
    const next = typeAgeDigit(this.ageEntry.typed, digit);
    if (next.entry.length === 1) this.history.begin();
    this.#update(setAge(this.labels, next.age));
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

  protected override endEntry(): void {
    if (this.ageEntry.typed !== '') this.ageEntry = { typed: '', active: false };
    if (!this.drag) this.history.commit();
  }

  // ---- solving

  /** Take away everything that contradicts the flags. */
  remedy(): void {
    if (!this.violations.some(isConflict)) return;
    if (this.labels.landmarks && this.selection?.kind === 'point') this.selection = null;
    this.endEntry();
    this.edit(relabelled(this.state, remedied(this.policy, this.labels)));
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

  protected override afterJump(): void {
    this.ageEntry = { typed: '', active: this.labels.age === null };
    super.afterJump();
  }

  #boxed(box: Labels['box']): Labels {
    return this.isUnplaced ? templateMoved(this.labels, box, this.face.roll) : { ...this.labels, box };
  }

  /** Within a gesture. */
  #update(next: Labels): void {
    this.history.update(relabelled(this.state, next));
  }
}
