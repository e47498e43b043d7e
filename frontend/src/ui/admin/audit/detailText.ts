import { spaced } from '../../../model/words';

type Details = Record<string, unknown>;
const isObject = (value: unknown): value is Details =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (Array.isArray(value)) return value.map(valueText).join(', ') || 'nothing';
  if (isObject(value)) {
    if ('from' in value && 'to' in value) return `${valueText(value.from)} → ${valueText(value.to)}`;
    return Object.entries(value)
      .map(([name, inner]) => `${spaced(name)} ${valueText(inner)}`)
      .join(', ');
  }
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** The facts of an audit entry as one line: "role: annotator; is active: yes → no". */
export function detailText(details: Details): string {
  return Object.entries(details)
    .map(([name, value]) => `${spaced(name)}: ${valueText(value)}`)
    .join('; ');
}
