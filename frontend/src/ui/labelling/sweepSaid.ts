import { describeFound } from '../../canvas/drawSweep';
import { t } from '../../i18n';
import type { SweepSession } from '../../store/sweepSession';
import { EXTREMES } from '../../tools/box';
import { keyHint } from '../../tools/keyMap';

/** What the stage of a sweep shows, for those who do not see it. */
export function sweepSaid(session: SweepSession, byExtremes: boolean): string {
  const { selection, pen } = session;
  if (pen) {
    const all = byExtremes ? EXTREMES : 2;
    return t('sweep.saidPen', { x: Math.round(pen.x), y: Math.round(pen.y), n: session.clicks, all });
  }
  if (selection?.kind === 'drawn') {
    const box = session.drawn.find((one) => one.key === selection.key)?.box;
    const [x1, y1, x2, y2] = (box ?? [0, 0, 0, 0]).map(Math.round) as [number, number, number, number];
    return t('sweep.saidDrawn', { x1, y1, x2, y2 });
  }
  if (selection?.kind === 'suggested') {
    const open = session.openSuggestions;
    const n = open.findIndex((one) => one.id === selection.id) + 1;
    const keys = { take: keyHint('takeSuggestion'), dismiss: keyHint('dismissSuggestion') };
    return n === 0 ? '' : t('sweep.saidSuggestion', { n, all: open.length, ...keys });
  }
  const place = selection ? session.found.findIndex((face) => face.id === selection.id) : -1;
  const face = session.found[place];
  return face
    ? t('sweep.saidFound', {
        n: place + 1,
        all: session.found.length,
        words: describeFound(face, session.isRejected(face.id)),
      })
    : t('sweep.saidNothing');
}
