import { imagePx, type ImagePx } from '../model/coords';
import type { FaceState } from '../model/faceState';
import type { LevelBox, PartName, Side } from '../model/shapeMoves';
import { HANDLES, type BoxHandle } from '../tools/box';
import { dragPartBox, partBox } from '../tools/partBox';
import { betterSide, expectedClicks, fitFace, mirrorFace, partOf, refitFace } from '../tools/shape';
import { PointEditor } from './pointEditor';

/** A fit from three clicks under way: those made, and where keys would make the next one. */
export interface Placing {
  readonly clicks: readonly ImagePx[];
  readonly cross: ImagePx;
}

/** The part that is being re-fitted: its box, level with the face, and the handle that keys move. */
export interface PartFit {
  readonly name: PartName;
  readonly box: LevelBox;
  readonly handle: BoxHandle;
}

/** Editing many points at once: the whole face from three clicks, one side from the other, one part by its box. */
export abstract class ShapeEditor extends PointEditor {
  placing: Placing | null = null;
  part: PartFit | null = null;

  /** Leave the three clicks or the part's box; true if one was open. */
  leaveMode(): boolean {
    const wasOpen = this.placing !== null || this.part !== null;
    this.placing = this.part = null;
    if (wasOpen) this.changed();
    return wasOpen;
  }

  override toggleLandmarks(): void {
    this.leaveMode();
    super.toggleLandmarks();
  }

  override dragTo(at: ImagePx): void {
    const { drag, part } = this;
    if (drag?.kind === 'part' && part) {
      const delta = imagePx(at.x - drag.from.x, at.y - drag.from.y);
      this.#refit(drag.before, dragPartBox(drag.box, part.handle, delta, this.roll));
    }
    super.dragTo(at);
  }

  override cancelDrag(): void {
    const { drag, part } = this;
    if (drag?.kind === 'part' && part) this.part = { ...part, box: drag.box };
    super.cancelDrag();
  }

  // ---- the whole face from three clicks

  /** Begin (or leave) the fit: left eye, right eye, mouth. */
  toggleFit(): void {
    if (!this.correcting) return;
    const wasPlacing = this.placing !== null;
    this.leaveMode();
    this.said = null;
    if (!wasPlacing) {
      this.endEntry();
      this.placing = { clicks: [], cross: expectedClicks(this.labels, this.face.roll)[0] };
    }
    this.changed();
  }

  /** Move the cross by keys. */
  moveCross(delta: ImagePx): void {
    if (!this.placing) return;
    const { cross } = this.placing;
    this.placing = { ...this.placing, cross: imagePx(cross.x + delta.x, cross.y + delta.y) };
    this.changed();
  }

  /** The next of the three clicks; the third one lays the face: one undo step. */
  fitClick(at: ImagePx): void {
    if (!this.placing) return;
    const clicks = [...this.placing.clicks, at];
    const [left, right, mouth] = clicks;
    if (!left || !right || !mouth) {
      this.placing = {
        clicks,
        cross: expectedClicks(this.labels, this.face.roll)[right ? 2 : 1],
      };
      this.changed();
      return;
    }
    this.placing = null;
    this.shaped(fitFace(this.shapeModel, this.state, [left, right, mouth]), 'oneLine');
  }

  /** Take the last click back; true if there was one. */
  unclick(): boolean {
    const last = this.placing?.clicks.at(-1);
    if (!this.placing || !last) return false;
    this.placing = { clicks: this.placing.clicks.slice(0, -1), cross: last };
    this.changed();
    return true;
  }

  // ---- sides and parts

  /** The side that a mirror takes for the good one. */
  get mirrorSource(): Side {
    return betterSide(this.state, this.selectedPoint);
  }

  mirror(source: Side = this.mirrorSource): void {
    this.leaveMode();
    const why = this.labels.landmarks ? 'noMiddle' : 'noPoints';
    this.shaped(mirrorFace(this.state, source), why);
  }

  /** Show (or leave) the box of the selected point's part. */
  togglePartFit(
    name: PartName | null = this.selectedPoint === null ? null : partOf(this.selectedPoint),
  ): void {
    if (!this.correcting) return;
    const wasOpen = this.part?.name;
    this.leaveMode();
    if (wasOpen && (name === null || wasOpen === name)) return;
    this.endEntry();
    const points = this.labels.landmarks?.points;
    if (!name || !points) return this.refuseShape(points ? 'selectPart' : 'noPoints');
    const box = partBox(points, name, this.roll);
    if (!box) return this.refuseShape('partMissing');
    this.said = null;
    this.part = { name, box, handle: 'move' };
    this.changed();
  }

  /** The next (or previous) handle of the part's box, for keys; one of them is the whole box. */
  cycleHandle(step: 1 | -1): void {
    if (!this.part) return;
    const order: readonly BoxHandle[] = ['move', ...HANDLES];
    const at = order.indexOf(this.part.handle);
    this.endEntry();
    this.part = { ...this.part, handle: order[(at + step + order.length) % order.length] ?? 'move' };
    this.changed();
  }

  beginPartDrag(handle: BoxHandle, at: ImagePx): void {
    if (!this.correcting || !this.part) return;
    this.endEntry();
    this.part = { ...this.part, handle };
    this.drag = { kind: 'part', from: at, box: this.part.box, before: this.state };
    this.history.begin();
    this.changed();
  }

  /** An arrow key moved the held handle; the caller holds the gesture open. */
  protected nudgedPart(delta: ImagePx): void {
    if (this.part) this.#refit(this.state, dragPartBox(this.part.box, this.part.handle, delta, this.roll));
  }

  #refit(before: FaceState, box: LevelBox): void {
    if (!this.part) return;
    this.part = { ...this.part, box };
    const next = refitFace(before, this.part.name, box, this.roll);
    if (next) this.history.update(next);
  }

  protected override afterJump(): void {
    this.placing = null;
    if (this.part) {
      const points = this.labels.landmarks?.points;
      const box = points ? partBox(points, this.part.name, this.roll) : null;
      this.part = box && { ...this.part, box };
    }
    super.afterJump();
  }
}
