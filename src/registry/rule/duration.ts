import { printable } from '../../base/printable.ts';
import { RuleError } from './error.ts';
import { ruleLimits } from './limits.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds of each unit. Days and weeks are always 24 hours and 7 days, months and years have no one length. */
const units: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour, d: day, w: 7 * day };

const part = /(\d{1,15}(?:\.\d{1,9})?)(ms|[smhdw])/y;

/**
 * Reads a length of time as Go writes it (`1h30m`, `1.5h`), with days and weeks besides (`30d`, `2w`), into whole
 * milliseconds.
 *
 * @throws RuleError DURATION_INVALID
 */
export function parseDuration(text: string): number {
  if (text.length > ruleLimits.durationLength) throw invalid(text, 'it is too long');
  if (text === '0') return 0;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) throw invalid(text, `"${printable(text.slice(at))}" is no number with a unit`);
    total += Number(match[1]) * (units[match[2] as string] as number);
    at = part.lastIndex;
  }
  if (at === 0) throw invalid(text, 'it is empty');
  const rounded = Math.round(total);
  if (rounded > ruleLimits.duration) throw invalid(text, 'it is longer than a hundred years');
  return rounded;
}

function invalid(text: string, why: string): RuleError {
  return new RuleError(
    'DURATION_INVALID',
    `"${printable(text)}" is no length of time: ${why}; write it as "30d", "12h" or "1h30m" (units w, d, h, m, s, ms)`,
  );
}
