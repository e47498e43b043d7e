import type { Overview } from '../../../api/types';
import type { Segment, Tone } from '../../../model/series';

/**
 * What each face waits for, from done to not begun: accepted, rejected, the checks from last to first, disputed,
 * waiting for a first labelling. Faces that are too small are nobody's work and left out.
 */
export function passSegments(overview: Overview, list: string): Segment[] {
  const { by_state } = overview.faces;
  const checks = overview.passes
    .filter((pass) => pass.kind === 'check')
    .sort((one, other) => other.pass_number - one.pass_number);
  const segments: Segment[] = [
    { name: 'accepted', count: by_state.accepted, tone: 'good', href: `${list}?state=accepted` },
  ];
  if (by_state.rejected > 0) {
    segments.push({
      name: 'rejected',
      count: by_state.rejected,
      tone: 'axis',
      href: `${list}?state=rejected`,
    });
  }
  checks.forEach((pass, index) => {
    const tone: Tone = index === 0 && checks.length > 1 ? 'good-soft' : 'wait';
    const name = `check ${pass.pass_number}`;
    segments.push({ name, count: pass.open + pass.leased, tone, href: `${list}?state=checking` });
  });
  if (checks.length === 0 && by_state.checking > 0) {
    segments.push({
      name: 'checking',
      count: by_state.checking,
      tone: 'wait',
      href: `${list}?state=checking`,
    });
  }
  segments.push(
    { name: 'adjudicate', count: by_state.disputed, tone: 'warn', href: `${list}?state=disputed` },
    { name: 'waiting', count: by_state.waiting, tone: 'idle', href: `${list}?state=waiting` },
  );
  return segments;
}
