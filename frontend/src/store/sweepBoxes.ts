import type { BoxTuple, ImageVerdict, Item } from '../api/types';
import { imagePx, type ImagePx } from '../model/coords';
import { boxBetween, dragBox, EXTREMES, hullOf, type BoxHandle } from '../tools/box';
import { WorkSession } from './workSession';

export interface DrawnFace {
  /** Local, so that selection survives undo. */
  key: number;
  box: BoxTuple;
  /** The suggestion that it was taken from. */
  suggestion?: number;
}

export interface SweepState {
  drawn: readonly DrawnFace[];
  /** Ids of found faces that are none. */
  rejected: readonly number[];
  /** Ids of suggestions that are no faces. */
  dismissed: readonly number[];
  verdict: ImageVerdict | null;
  reason: string;
}

export type SweepSelection =
  { kind: 'found'; id: number } | { kind: 'suggested'; id: number } | { kind: 'drawn'; key: number } | null;

export type SweepDrag =
  | { kind: 'new'; from: ImagePx; to: ImagePx }
  | { kind: 'extremes'; points: readonly ImagePx[]; to: ImagePx }
  | { kind: 'edit'; key: number; handle: BoxHandle; from: ImagePx; box: BoxTuple };

const EMPTY: SweepState = { drawn: [], rejected: [], dismissed: [], verdict: null, reason: '' };

/** Drawing boxes on one photograph: by dragging, by two corners, by four extreme points, with pointer or keys. */
export abstract class SweepBoxes extends WorkSession<SweepState> {
  selection: SweepSelection = null;
  drag: SweepDrag | null = null;
  /** Where the keys hold their pen; null while they hold none. */
  pen: ImagePx | null = null;
  protected nextKey = 1;

  constructor(item: Item) {
    super(item, EMPTY);
  }

  get drawn(): readonly DrawnFace[] {
    return this.state.drawn;
  }

  select(selection: SweepSelection): void {
    this.selection = selection;
    this.changed();
  }

  // ---- by dragging and by two corners

  beginNew(at: ImagePx): void {
    this.drag = { kind: 'new', from: at, to: at };
    this.selection = null;
    this.changed();
  }

  beginEdit(key: number, handle: BoxHandle, at: ImagePx): void {
    const face = this.drawn.find((one) => one.key === key);
    if (!face) return;
    this.selection = { kind: 'drawn', key };
    this.drag = { kind: 'edit', key, handle, from: at, box: face.box };
    this.history.begin();
    this.changed();
  }

  dragTo(at: ImagePx): void {
    const { drag } = this;
    if (drag?.kind === 'edit') {
      const delta = imagePx(at.x - drag.from.x, at.y - drag.from.y);
      this.history.update(this.#withBox(drag.key, dragBox(drag.box, drag.handle, delta, this.item.image)));
    } else if (drag) this.drag = { ...drag, to: at };
    this.changed();
  }

  /**
   * Let go. `asCorner`: the pointer hardly moved, so this was the first of two clicks and the drawing goes on to the
   * second; anything too small to be a face is dropped.
   */
  endDrag(asCorner = false): void {
    const { drag } = this;
    if (!drag || drag.kind === 'extremes' || (asCorner && drag.kind === 'new')) return;
    this.drag = null;
    if (drag.kind === 'new') this.#add(boxBetween(drag.from, drag.to, this.item.image));
    else {
      this.history.commit();
      this.edited();
    }
    this.changed();
  }

  cancelDrag(): void {
    if (this.drag?.kind === 'edit') this.history.cancel();
    this.drag = null;
    this.changed();
  }

  // ---- by extreme points

  /** One of the outermost points of a face, in any order; the fourth one makes the box, in one undo step. */
  addExtreme(at: ImagePx): void {
    const before = this.drag?.kind === 'extremes' ? this.drag.points : [];
    const points = [...before, at];
    this.selection = null;
    if (points.length < EXTREMES) this.drag = { kind: 'extremes', points, to: at };
    else {
      this.drag = null;
      this.#add(hullOf(points, this.item.image));
    }
    this.changed();
  }

  /** How many clicks of the box under way are done. */
  get clicks(): number {
    return this.drag?.kind === 'extremes' ? this.drag.points.length : this.drag?.kind === 'new' ? 1 : 0;
  }

  /** Take the last click of the box under way back. False: there is none. */
  takeClickBack(): boolean {
    const { drag } = this;
    if (drag?.kind !== 'extremes' && drag?.kind !== 'new') return false;
    const points = drag.kind === 'extremes' ? drag.points.slice(0, -1) : [];
    this.drag = points.length > 0 && drag.kind === 'extremes' ? { ...drag, points } : null;
    this.changed();
    return true;
  }

  // ---- by keys

  takePen(at: ImagePx): void {
    this.cancelDrag();
    this.pen = this.#inside(at);
    this.selection = null;
    this.changed();
  }

  movePen(delta: ImagePx): void {
    if (!this.pen) return;
    this.pen = this.#inside(imagePx(this.pen.x + delta.x, this.pen.y + delta.y));
    this.dragTo(this.pen);
  }

  /** What a click there would do. The pen is put down with the box's last point. */
  pressPen(byExtremes: boolean): void {
    const { pen } = this;
    if (!pen) return;
    const drawn = this.drawn.length;
    if (byExtremes) this.addExtreme(pen);
    else if (this.drag?.kind === 'new') {
      this.dragTo(pen);
      this.endDrag();
    } else this.beginNew(pen);
    if (this.drawn.length > drawn) this.putPenDown();
  }

  putPenDown(): void {
    this.pen = null;
    this.cancelDrag();
  }

  #inside(at: ImagePx): ImagePx {
    const { width, height } = this.item.image;
    return imagePx(Math.min(Math.max(at.x, 0), width), Math.min(Math.max(at.y, 0), height));
  }

  // ---- moving drawn boxes by keys

  nudge(delta: ImagePx, isRepeat: boolean): void {
    this.#nudge('move', delta, isRepeat);
  }

  /** Move the right and the lower edge: what a corner's handle does for a pointer. */
  stretch(delta: ImagePx, isRepeat: boolean): void {
    this.#nudge('se', delta, isRepeat);
  }

  #nudge(handle: BoxHandle, delta: ImagePx, isRepeat: boolean): void {
    const { selection } = this;
    const face =
      selection?.kind === 'drawn' ? this.drawn.find((one) => one.key === selection.key) : undefined;
    if (!face) return;
    if (!isRepeat || !this.history.inGesture) this.history.begin();
    this.history.update(this.#withBox(face.key, dragBox(face.box, handle, delta, this.item.image)));
    this.edited();
  }

  endNudge(): void {
    if (this.drag) return;
    this.history.commit();
    this.changed();
  }

  // ---- what these come to

  #withBox(key: number, box: BoxTuple): SweepState {
    return { ...this.state, drawn: this.drawn.map((face) => (face.key === key ? { ...face, box } : face)) };
  }

  #add(box: BoxTuple | null): void {
    if (box) this.addDrawn({ box });
  }

  /** One more face, selected; one undo step. */
  protected addDrawn(face: Omit<DrawnFace, 'key'>): void {
    const key = this.nextKey++;
    this.selection = { kind: 'drawn', key };
    this.edit({ ...this.state, drawn: [...this.drawn, { ...face, key }] });
  }

  /** During a drawing it takes that back and nothing else. */
  override undo(): void {
    if (this.takeClickBack()) return;
    if (this.drag) this.cancelDrag();
    else super.undo();
  }
}
