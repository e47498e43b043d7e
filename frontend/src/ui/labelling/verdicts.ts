import type { ImageVerdict } from '../../api/types';
import type { PlainKey } from '../../i18n';
import type { CommandId } from '../../tools/commands';

/** What can be said about a whole photograph. */
export const VERDICTS: readonly { value: ImageVerdict; name: PlainKey; command: CommandId }[] = [
  { value: 'reject', name: 'sweep.reject', command: 'rejectPhoto' },
  { value: 'quarantine', name: 'sweep.quarantine', command: 'quarantinePhoto' },
  { value: 'rotate270', name: 'sweep.turnLeft', command: 'turnLeft' },
  { value: 'rotate90', name: 'sweep.turnRight', command: 'turnRight' },
  { value: 'rotate180', name: 'sweep.upsideDown', command: 'upsideDown' },
];

/** Why a photograph is rejected or set aside: `value` is stored, in English; the name is read. */
export const VERDICT_REASONS: readonly { value: string; name: PlainKey }[] = [
  { value: 'A drawing, no photograph', name: 'sweep.reasonDrawing' },
  { value: 'Nobody is on it', name: 'sweep.reasonNobody' },
  { value: 'Broken or unreadable', name: 'sweep.reasonBroken' },
  { value: 'It should not be used', name: 'sweep.reasonRights' },
];
