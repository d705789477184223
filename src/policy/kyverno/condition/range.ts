import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { compareAmounts, compareDurations } from './compare.ts';

const notation = /^(-?[0-9][0-9a-zA-Z.]*)(!?)-(-?[0-9][0-9a-zA-Z.]*)$/;

/** `10-20`, and `10!-20` for all that is not in it. Ends belong to it. */
export interface ValueRange {
  readonly from: string;
  readonly to: string;
  readonly isInverted: boolean;
}

/** Reads a range of numbers, amounts or durations; undefined for what is none, such as `2024-01-01`. */
export function parseValueRange(text: string): ValueRange | undefined {
  const [whole, from = '', mark, to = ''] = notation.exec(text) ?? [];
  if (whole === undefined || order(from, to) === undefined) return undefined;
  return { from, to, isInverted: mark === '!' };
}

/** Whether a value is in a range; undefined where it cannot be compared with it. */
export function isInRange(value: JsonValue, { from, to, isInverted }: ValueRange): boolean | undefined {
  const [low, high] = [order(value, from), order(value, to)];
  if (low === undefined || high === undefined) return undefined;
  const isWithin = low >= 0 && high <= 0;
  return isInverted ? !isWithin : isWithin;
}

function order(left: JsonValue, right: JsonValue): number | undefined {
  return compareAmounts(left, right) ?? compareDurations(left, right);
}
