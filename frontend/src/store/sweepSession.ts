import type { ImageVerdict, Item, SweepFace, SweepSubmit, SweepSuggestion } from '../api/types';
import { t } from '../i18n';
import { newUuid } from './ids';
import { SweepBoxes, type DrawnFace, type SweepSelection, type SweepState } from './sweepBoxes';

export type { DrawnFace, SweepSelection, SweepState } from './sweepBoxes';

const VERDICTS: readonly string[] = ['reject', 'quarantine', 'rotate90', 'rotate180', 'rotate270'];

export interface SweepCounts {
  /** Faces that stay. */
  faces: number;
  /** Those of them about which the detectors disagreed. */
  toConfirm: number;
  /** Suggestions that are neither taken nor dismissed. */
  suggested: number;
}

/** The sweep of one photograph: faces drawn, taken or rejected, a verdict on the whole. */
export class SweepSession extends SweepBoxes {
  readonly found: readonly SweepFace[];
  /** As handed out, the likeliest first. */
  readonly suggestions: readonly SweepSuggestion[];

  constructor(item: Item & { sweep: { faces: SweepFace[]; suggestions: SweepSuggestion[] } }) {
    super(item);
    this.found = item.sweep.faces;
    this.suggestions = item.sweep.suggestions;
  }

  get verdict(): ImageVerdict | null {
    return this.state.verdict;
  }

  get reason(): string {
    return this.state.reason;
  }

  get isDirty(): boolean {
    const { drawn, rejected, dismissed, verdict, reason } = this.state;
    return (
      drawn.length > 0 || rejected.length > 0 || dismissed.length > 0 || verdict !== null || reason !== ''
    );
  }

  isRejected(id: number): boolean {
    return this.state.rejected.includes(id);
  }

  /** Accepted and rejected faces are closed: only an open one can be rejected here. */
  canReject(id: number): boolean {
    const face = this.found.find((one) => one.id === id);
    return face !== undefined && face.state !== 'accepted' && face.state !== 'rejected';
  }

  get counts(): SweepCounts {
    const kept = this.found.filter((face) => face.state !== 'rejected' && !this.isRejected(face.id));
    return {
      faces: kept.length + this.drawn.length,
      toConfirm: kept.filter((face) => face.needs_person !== '' && face.state === 'waiting').length,
      suggested: this.openSuggestions.length,
    };
  }

  /** Why this cannot be sent yet, or null. */
  get missing(): string | null {
    const { verdict, drawn, rejected } = this.state;
    if (verdict === null) return null;
    if (drawn.length > 0 || rejected.length > 0) return t('sweep.verdictAlone');
    return (verdict === 'reject' || verdict === 'quarantine') && this.reason.trim() === ''
      ? t('sweep.sayWhy')
      : null;
  }

  // ---- selection

  cycle(step: 1 | -1): void {
    const all: NonNullable<SweepSelection>[] = [
      ...this.found.map((face) => ({ kind: 'found' as const, id: face.id })),
      ...this.drawn.map((face) => ({ kind: 'drawn' as const, key: face.key })),
      ...this.openSuggestions.map((one) => ({ kind: 'suggested' as const, id: one.id })),
    ];
    if (all.length === 0) return;
    const at = all.findIndex((one) => JSON.stringify(one) === JSON.stringify(this.selection));
    const next = at === -1 ? (step === 1 ? 0 : all.length - 1) : (at + step + all.length) % all.length;
    this.select(all[next] ?? null);
  }

  // ---- suggestions

  get openSuggestions(): readonly SweepSuggestion[] {
    const { drawn, dismissed } = this.state;
    return this.suggestions.filter(
      (one) => !dismissed.includes(one.id) && !drawn.some((face) => face.suggestion === one.id),
    );
  }

  /** The suggestion that the keys are about: the selected one, else the likeliest that is open. */
  get suggestion(): SweepSuggestion | null {
    const { selection, openSuggestions } = this;
    const selected =
      selection?.kind === 'suggested' ? openSuggestions.find((one) => one.id === selection.id) : undefined;
    return selected ?? openSuggestions[0] ?? null;
  }

  /** It is a face: its box can be moved from now on like a drawn one. */
  takeSuggestion(): void {
    const { suggestion } = this;
    if (suggestion) this.addDrawn({ box: suggestion.box, suggestion: suggestion.id });
  }

  dismissSuggestion(): void {
    const { suggestion } = this;
    if (!suggestion) return;
    this.selection = null;
    this.edit({ ...this.state, dismissed: [...this.state.dismissed, suggestion.id] });
  }

  // ---- deciding

  /** A drawn box or a suggestion goes; a found face is marked as none, or as one again. */
  rejectSelected(): void {
    const { selection } = this;
    if (selection?.kind === 'drawn') {
      this.selection = null;
      this.edit({ ...this.state, drawn: this.drawn.filter((face) => face.key !== selection.key) });
    } else if (selection?.kind === 'suggested') this.dismissSuggestion();
    else if (selection?.kind === 'found' && this.canReject(selection.id)) {
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

  get needsReason(): boolean {
    return this.verdict === 'reject' || this.verdict === 'quarantine';
  }

  // ---- leaving

  protected override dataOf(sweep: SweepState): Record<string, unknown> {
    return { version: 1, sweep };
  }

  protected override stateFrom(data: Record<string, unknown>): SweepState | null {
    const sweep = data.sweep as Partial<SweepState> | undefined;
    if (data.version !== 1 || !Array.isArray(sweep?.drawn) || !Array.isArray(sweep.rejected)) return null;
    const verdict = sweep.verdict ?? null;
    const drawn = sweep.drawn as readonly DrawnFace[];
    const offered = new Set(this.suggestions.map((one) => one.id));
    this.nextKey = Math.max(this.nextKey - 1, ...drawn.map((face) => face.key)) + 1;
    return {
      drawn,
      rejected: sweep.rejected.filter((id) => this.canReject(id)),
      dismissed: (sweep.dismissed ?? []).filter((id) => offered.has(id)),
      verdict: verdict !== null && VERDICTS.includes(verdict) ? verdict : null,
      reason: sweep.reason ?? '',
    };
  }

  protected override readBeside(): void {
    // A sweep's draft is its state and nothing else.
  }

  /** The request body, with a new submission id. */
  submission(): SweepSubmit {
    return {
      submission_id: newUuid(),
      token: this.item.lease.token,
      added: this.drawn.map(({ box, suggestion }) => ({ box, suggestion: suggestion ?? null })),
      rejected: [...this.state.rejected],
      dismissed: [...this.state.dismissed],
      verdict: this.verdict,
      reason: this.reason.trim(),
      active_ms: this.activity.milliseconds,
    };
  }
}
