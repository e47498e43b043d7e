/** The promotion gate's report: free-form JSON in the schema, so its shape stands here. */

export interface GateReason {
  code: string;
  sentence: string;
  task?: string;
  group?: string;
  value?: string;
}

export type GateVerdict = 'better' | 'not_worse' | 'worse' | 'not_enough_evidence';

/** One task on all test faces. `difference`: positive where the challenger is better, whichever way the measure goes. */
export interface GateCell {
  measure: string;
  n: number;
  challenger: number | null;
  champion: number | null;
  difference: number | null;
  low: number | null;
  high: number | null;
  verdict: GateVerdict;
}

/** The same on the faces of one group. */
export interface GateGroup extends GateCell {
  group: string;
  value: string;
  task: string;
}

export interface GateCandidate {
  kind: 'model' | 'coarse';
  name: string;
  number: number | null;
}

/** The promotion gate's report: a run and its model keep it as they got it. */
export interface GateReport {
  decision: 'promote' | 'keep';
  reasons: GateReason[];
  overall: Record<string, GateCell>;
  groups: GateGroup[];
  challenger: GateCandidate;
  against: GateCandidate;
  release: number | null;
  test_faces: number;
  test_images: number;
  unreadable: string[];
  seed: number;
  /** `sentence` says how it was compared. */
  method: Record<string, unknown>;
}

/** A stored report, or null: an empty object means that nothing was judged. */
export function gateReport(value: unknown): GateReport | null {
  return typeof value === 'object' && value !== null && 'decision' in value ? (value as GateReport) : null;
}
