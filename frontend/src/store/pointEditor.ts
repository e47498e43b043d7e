import type { Item, ItemFace } from '../api/types';
import { distance, imagePx, type ImagePx } from '../model/coords';
import { isPinned, relabelled, untouched, type FaceState } from '../model/faceState';
import { JAW_LAST } from '../model/ibug68';
import { boxSize, fromWire, withoutAge, type Labels } from '../model/labels';
import type { ShapeModel } from '../model/shapeModel';
import { shapeModelInForce } from '../model/shapeModels';
import type { LevelBox } from '../model/shapeMoves';
import type { BoxHandle } from '../tools/box';
import {
  addLandmarks,
  cycledPoint,
  ghostPlaces,
  removeLandmarks,
  removePoint,
  restorePoint,
  toggleHidden,
} from '../tools/landmarks';
import { placePoint, slidePoint, togglePin } from '../tools/shape';
import { PointHabits } from './pointHabits';
import { WorkSession } from './workSession';

export type Selection = { kind: 'point'; index: number } | { kind: 'box' } | null;

export type Drag =
  | { kind: 'point'; index: number; grip: ImagePx }
  | { kind: 'slide'; index: number; from: ImagePx; before: FaceState }
  | { kind: 'part'; from: ImagePx; box: LevelBox; before: FaceState }
  | { kind: 'box'; handle: BoxHandle; from: ImagePx; box: Labels['box'] }
  | { kind: 'newBox'; from: ImagePx; to: ImagePx };

/** Why the last gesture did nothing. */
export type ShapeRefusal =
  'noPoints' | 'noMiddle' | 'oneLine' | 'jawIncomplete' | 'selectPart' | 'partMissing' | 'noneUncertain';

/** A point that a person moved by more than this share of the face's size is theirs, and no longer the model's. */
const MOVED = 0.005;

/** Points that this person places on their own: of a face to annotate, and of a check that asks for them blind. */
const placesPoints = (item: Item & { face: ItemFace }): boolean =>
  item.kind === 'annotate' || item.face.asked_blind.includes('landmarks');

/**
 * What a person starts from: the labels as handed out. A face to annotate that has no points (a person drew it, or
 * its pre-label is hidden) gets the template in its box, so that every face is labelled by moving points.
 */
function startingState(item: Item & { face: ItemFace }): FaceState {
  const labels = withoutAge(fromWire(item.face.labels));
  const places = placesPoints(item) && labels.landmarks === null && !item.face.prelabel?.landmarks;
  return places && labels.flags.length === 0
    ? untouched(addLandmarks(labels, null, item.face.roll), 'template')
    : untouched(labels, 'prelabel');
}

/** Editing the points of one face: what is selected, the gesture under way, each command as one undo step. */
export abstract class PointEditor extends WorkSession<FaceState> {
  readonly face: ItemFace;
  readonly prelabel: Labels | null;
  selection: Selection = null;
  drag: Drag | null = null;
  said: ShapeRefusal | null = null;
  /** Labels can be changed: a check shows them read-only until the person chooses to correct. */
  correcting: boolean;

  constructor(
    item: Item & { face: ItemFace },
    public habits: PointHabits = new PointHabits(),
    readonly shapeModel: ShapeModel = shapeModelInForce(),
  ) {
    super(item, startingState(item));
    this.face = item.face;
    this.prelabel = item.face.prelabel && fromWire(item.face.prelabel);
    this.correcting = item.kind !== 'check' || item.face.asked_blind.includes('landmarks');
  }

  get labels(): Labels {
    return this.state.labels;
  }

  /** The labels as handed out, without an age. */
  get base(): Labels {
    return this.initial.labels;
  }

  /** Points that a person placed or confirmed. */
  get pins(): readonly number[] {
    return this.state.shape.pins;
  }

  isPinned(index: number): boolean {
    return isPinned(this.state, index);
  }

  /** Points of which the model was unsure and which nobody has placed or confirmed since. */
  get uncertain(): readonly number[] {
    const before = this.prelabel?.landmarks?.points;
    const handedOut = this.base.landmarks?.points;
    const near = MOVED * boxSize(this.base.box).scale;
    return this.face.uncertain.filter((index) => {
      const [was, came] = [before?.[index], handedOut?.[index]];
      const isModels = was && came && distance(was, came) <= near;
      return isModels && this.labels.landmarks?.points[index] && !this.isPinned(index);
    });
  }

  /** The point in the hand, for the cross and the magnifier. */
  get held(): ImagePx | null {
    if (this.drag?.kind !== 'point' && this.drag?.kind !== 'slide') return null;
    return this.labels.landmarks?.points[this.drag.index] ?? null;
  }

  /** Places where removed points would come back. */
  get ghosts(): (ImagePx | null)[] {
    return ghostPlaces(this.labels, [this.base.landmarks, this.prelabel?.landmarks ?? null], this.face.roll);
  }

  /** Radians; boxes of parts are level with the face. */
  get roll(): number {
    return (this.face.roll * Math.PI) / 180;
  }

  protected get selectedPoint(): number | null {
    return this.selection?.kind === 'point' ? this.selection.index : null;
  }

  // ---- what else a command ends

  protected abstract endEntry(): void;

  protected override edited(): void {
    this.said = null;
    super.edited();
  }

  protected refuseShape(why: ShapeRefusal): void {
    this.said = why;
    this.changed();
  }

  /** One undo step, unless the labels are locked. null: it cannot be done, because of `why`. */
  protected shaped(next: FaceState | null, why: ShapeRefusal): void {
    if (!this.correcting) return;
    this.endEntry();
    if (next) this.edit(next);
    else this.refuseShape(why);
  }

  /** Labels that no gesture of the shape made, as one undo step. `isOpen`: also where labels are locked. */
  protected editLabels(next: Labels, isOpen = false): void {
    if (!this.correcting && !isOpen) return;
    this.endEntry();
    this.edit(relabelled(this.state, next));
  }

  // ---- selection

  select(selection: Selection): void {
    this.endEntry();
    this.selection = selection;
    this.changed();
  }

  cycle(step: 1 | -1): void {
    const index = cycledPoint(this.labels, this.selectedPoint, step);
    if (index !== null) this.select({ kind: 'point', index });
  }

  /** Go to the next point that the model was unsure of. */
  nextUncertain(step: 1 | -1): void {
    const { uncertain } = this;
    const from = this.selectedPoint ?? (step === 1 ? -1 : Infinity);
    const index =
      step === 1
        ? (uncertain.find((one) => one > from) ?? uncertain[0])
        : (uncertain.findLast((one) => one < from) ?? uncertain.at(-1));
    if (index === undefined) this.refuseShape('noneUncertain');
    else this.select({ kind: 'point', index });
  }

  startCorrecting(): void {
    this.correcting = true;
    this.changed();
  }

  // ---- dragging points

  /**
   * Take hold of a point; `at` is where the pointer is, so that the point does not jump to it. `slide`: a point of the
   * jaw moves on its curve.
   */
  beginPointDrag(index: number, at: ImagePx, slide = false): void {
    const point = this.labels.landmarks?.points[index];
    if (!this.correcting || !point) return;
    this.endEntry();
    this.said = null;
    this.selection = { kind: 'point', index };
    this.drag =
      slide && index <= JAW_LAST
        ? { kind: 'slide', index, from: at, before: this.state }
        : { kind: 'point', index, grip: imagePx(point.x - at.x, point.y - at.y) };
    this.history.begin();
    this.changed();
  }

  dragTo(at: ImagePx): void {
    const { drag } = this;
    if (drag?.kind === 'point') {
      const to = imagePx(at.x + drag.grip.x, at.y + drag.grip.y);
      this.history.update(this.#placed(drag.index, to));
    } else if (drag?.kind === 'slide') {
      const next = slidePoint(drag.before, drag.index, imagePx(at.x - drag.from.x, at.y - drag.from.y));
      if (next) this.history.update(next);
      else this.said = 'jawIncomplete';
    }
    this.changed();
  }

  /** Let go: one undo step. */
  endDrag(): void {
    if (!this.drag) return;
    this.drag = null;
    this.history.commit();
    this.edited();
  }

  cancelDrag(): void {
    if (!this.drag) return;
    this.drag = null;
    this.history.cancel();
    this.changed();
  }

  #placed(index: number, to: ImagePx): FaceState {
    return placePoint(this.shapeModel, this.state, index, to, this.habits.plain);
  }

  /** An arrow key moved this point; the caller holds the gesture open. */
  protected nudged(index: number, delta: ImagePx): FaceState {
    const point = this.labels.landmarks?.points[index];
    if (!point) return this.state;
    if (this.habits.sliding && index <= JAW_LAST) return slidePoint(this.state, index, delta) ?? this.state;
    return this.#placed(index, imagePx(point.x + delta.x, point.y + delta.y));
  }

  // ---- single points

  /** Confirm the selected point where it lies, or let it follow the others again. */
  togglePin(): void {
    const index = this.selectedPoint;
    if (index !== null) this.shaped(togglePin(this.shapeModel, this.state, index), 'noPoints');
  }

  removeSelected(): void {
    const index = this.selectedPoint;
    if (index !== null) this.editLabels(removePoint(this.labels, index));
  }

  restoreSelected(): void {
    const index = this.selectedPoint;
    if (index !== null) this.restoreAt(index);
  }

  restoreAt(index: number): void {
    const place = this.ghosts[index];
    if (place) this.editLabels(restorePoint(this.labels, index, place));
  }

  toggleHidden(): void {
    const index = this.selectedPoint;
    if (index !== null) this.editLabels(toggleHidden(this.labels, index));
  }

  toggleLandmarks(): void {
    if (!this.correcting) return;
    if (this.labels.landmarks) {
      if (this.selectedPoint !== null) this.selection = null;
      this.editLabels(removeLandmarks(this.labels));
      return;
    }
    const earlier = this.base.landmarks ?? this.prelabel?.landmarks ?? null;
    this.shaped(
      untouched(
        addLandmarks(this.labels, earlier, this.face.roll),
        earlier ? this.initial.shape.start : 'template',
      ),
      'noPoints',
    );
  }

  /** The labels became others as a whole: what pointed into the old ones is let go. */
  protected afterJump(): void {
    if (!this.labels.landmarks && this.selection?.kind === 'point') this.selection = null;
    this.changed();
  }
}
