import type { BoxTuple, ImageVerdict, Item, SweepFace, SweepSubmit } from '../api/types';
import { imagePx, type ImagePx } from '../model/coords';
import { boxBetween, dragBox, type BoxHandle } from '../tools/box';
import { newUuid } from './ids';
import { WorkSession } from './workSession';

export interface DrawnFace {
  /** Local, so that selection survives undo. */
  key: number;
  box: BoxTuple;
}

export interface SweepState {
  drawn: readonly DrawnFace[];
  /** Ids of found faces that are none. */
  rejected: readonly number[];
  verdict: ImageVerdict | null;
  reason: string;
}

export type SweepSelection = { kind: 'found'; id: number } | { kind: 'drawn'; key: number } | null;

type SweepDrag =
  | { kind: 'new'; from: ImagePx; to: ImagePx }
  | { kind: 'edit'; key: number; handle: BoxHandle; from: ImagePx; box: BoxTuple };

const EMPTY: SweepState = { drawn: [], rejected: [], verdict: null, reason: '' };
const VERDICTS: readonly string[] = ['reject', 'quarantine', 'rotate90', 'rotate180', 'rotate270'];

/** The sweep of one photograph: faces drawn, faces rejected, a verdict on the whole. */
export class SweepSession extends WorkSession<SweepState> {
  readonly found: readonly SweepFace[];
  selection: SweepSelection = null;
  drag: SweepDrag | null = null;
  #nextKey = 1;

  constructor(item: Item & { sweep: { faces: SweepFace[] } }) {
    super(item, EMPTY);
    this.found = item.sweep.faces;
  }

  get drawn(): readonly DrawnFace[] {
    return this.state.drawn;
  }

  get verdict(): ImageVerdict | null {
    return this.state.verdict;
  }

  get reason(): string {
    return this.state.reason;
  }

  get isDirty(): boolean {
    const { drawn, rejected, verdict, reason } = this.state;
    return drawn.length > 0 || rejected.length > 0 || verdict !== null || reason !== '';
  }

  isRejected(id: number): boolean {
    return this.state.rejected.includes(id);
  }

  /** Accepted and rejected faces are closed: only an open one can be rejected here. */
  canReject(id: number): boolean {
    const face = this.found.find((one) => one.id === id);
    return face !== undefined && face.state !== 'accepted' && face.state !== 'rejected';
  }

  /** '14 faces, 1 to confirm': faces that stay, and those of them where the detectors disagreed. */
  get counts(): { faces: number; toConfirm: number } {
    const kept = this.found.filter((face) => face.state !== 'rejected' && !this.isRejected(face.id));
    return {
      faces: kept.length + this.drawn.length,
      toConfirm: kept.filter((face) => face.needs_person !== '' && face.state === 'waiting').length,
    };
  }

  /** Why this cannot be sent yet, or null. */
  get missing(): string | null {
    return (this.verdict === 'reject' || this.verdict === 'quarantine') && this.reason.trim() === ''
      ? 'Say why, so that others understand the decision.'
      : null;
  }

  // ---- selection

  select(selection: SweepSelection): void {
    this.selection = selection;
    this.changed();
  }

  cycle(step: 1 | -1): void {
    const all: NonNullable<SweepSelection>[] = [
      ...this.found.map((face) => ({ kind: 'found' as const, id: face.id })),
      ...this.drawn.map((face) => ({ kind: 'drawn' as const, key: face.key })),
    ];
    if (all.length === 0) return;
    const at = all.findIndex((one) => JSON.stringify(one) === JSON.stringify(this.selection));
    const next = at === -1 ? (step === 1 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
    this.select(all[next] ?? null);
  }

  // ---- drawing

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
    if (drag?.kind === 'new') this.drag = { ...drag, to: at };
    else if (drag?.kind === 'edit') {
      const delta = imagePx(at.x - drag.from.x, at.y - drag.from.y);
      this.history.update(this.#withBox(drag.key, dragBox(drag.box, drag.handle, delta, this.item.image)));
    }
    this.changed();
  }

  /**
   * Let go. `asCorner`: the pointer hardly moved, so this was the first of two clicks and the drawing goes on to the
   * second; anything too small to be a face is dropped.
   */
  endDrag(asCorner = false): void {
    const { drag } = this;
    if (!drag || (asCorner && drag.kind === 'new')) return;
    this.drag = null;
    if (drag.kind === 'new') {
      const box = boxBetween(drag.from, drag.to, this.item.image);
      if (box) {
        const key = this.#nextKey++;
        this.selection = { kind: 'drawn', key };
        this.edit({ ...this.state, drawn: [...this.drawn, { key, box }] });
      }
    } else {
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

  nudge(delta: ImagePx, isRepeat: boolean): void {
    const { selection } = this;
    const face =
      selection?.kind === 'drawn' ? this.drawn.find((one) => one.key === selection.key) : undefined;
    if (!face) return;
    if (!isRepeat || !this.history.inGesture) this.history.begin();
    this.history.update(this.#withBox(face.key, dragBox(face.box, 'move', delta, this.item.image)));
    this.edited();
  }

  endNudge(): void {
    if (this.drag) return;
    this.history.commit();
    this.changed();
  }

  #withBox(key: number, box: BoxTuple): SweepState {
    return { ...this.state, drawn: this.drawn.map((face) => (face.key === key ? { key, box } : face)) };
  }

  // ---- deciding

  /** A drawn box goes; a found face is marked as none, or as one again. */
  rejectSelected(): void {
    const { selection } = this;
    if (selection?.kind === 'drawn') {
      this.selection = null;
      this.edit({ ...this.state, drawn: this.drawn.filter((face) => face.key !== selection.key) });
    } else if (selection?.kind === 'found' && this.canReject(selection.id)) {
      const { rejected } = this.state;
      this.edit({
        ...this.state,
        rejected: this.isRejected(selection.id)
          ? rejected.filter((id) => id !== selection.id)
          : [...rejected, selection.id],
      });
    }
  }

  /** Choosing the chosen verdict again clears it. */
  decide(verdict: ImageVerdict): void {
    this.edit({ ...this.state, verdict: this.verdict === verdict ? null : verdict });
  }

  explain(reason: string): void {
    this.edit({ ...this.state, reason });
  }

  override undo(): void {
    if (this.drag) this.cancelDrag();
    super.undo();
  }

  // ---- leaving

  override draftData(): Record<string, unknown> {
    return { version: 1, sweep: this.state };
  }

  protected override stateFrom(data: Record<string, unknown>): SweepState | null {
    const sweep = data.sweep as Partial<SweepState> | undefined;
    if (data.version !== 1 || !Array.isArray(sweep?.drawn) || !Array.isArray(sweep.rejected)) return null;
    const verdict = sweep.verdict ?? null;
    this.#nextKey = Math.max(0, ...sweep.drawn.map((face) => face.key)) + 1;
    return {
      drawn: sweep.drawn,
      rejected: sweep.rejected.filter((id) => this.canReject(id)),
      verdict: verdict !== null && VERDICTS.includes(verdict) ? verdict : null,
      reason: sweep.reason ?? '',
    };
  }

  /** The request body, with a new submission id. */
  submission(): SweepSubmit {
    return {
      submission_id: newUuid(),
      token: this.item.lease.token,
      added: this.drawn.map(({ box }) => ({ box })),
      rejected: [...this.state.rejected],
      verdict: this.verdict,
      reason: this.reason.trim(),
      active_ms: this.activity.milliseconds,
    };
  }
}
