import { parseGoDuration } from '../../../lang/go/duration.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { compareQuantities, parseQuantity } from '../../../lang/quantity/quantity.ts';
import { compareSemver, parseSemver } from '../../../lang/semver/semver.ts';

/** Texts that are numbers as Go reads them. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a value is or says; undefined for what is none. */
export function numberOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.length > 100 || !decimal.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/**
 * Compares two durations, of which a number is one of seconds. One of them must be written as a duration: `0` alone is a number.
 *
 * @returns negative, zero or positive; undefined where they are no durations
 */
export function compareDurations(left: JsonValue, right: JsonValue): number | undefined {
  const written = [left, right].some(
    (each) => typeof each === 'string' && each !== '0' && parseGoDuration(each) !== undefined,
  );
  if (!written) return undefined;
  const [from, to] = [nanosecondsOf(left), nanosecondsOf(right)];
  if (from === undefined || to === undefined) return undefined;
  return from < to ? -1 : from > to ? 1 : 0;
}

/** Nanoseconds of a duration; a number is one of seconds. */
export function nanosecondsOf(value: JsonValue): bigint | undefined {
  if (typeof value === 'string') return parseGoDuration(value);
  if (typeof value !== 'number' || !Number.isFinite(value) || Math.abs(value) > 9e9) return undefined;
  return BigInt(Math.round(value * 1e9));
}

/** Compares two amounts of a resource, as texts or numbers; undefined where one of them is none. */
export function compareAmounts(left: JsonValue, right: JsonValue): number | undefined {
  const [own, other] = [quantityOf(left), quantityOf(right)];
  return own === undefined || other === undefined ? undefined : compareQuantities(own, other);
}

function quantityOf(value: JsonValue): ReturnType<typeof parseQuantity> {
  if (typeof value === 'string') return parseQuantity(value);
  return typeof value === 'number' && Number.isFinite(value) ? parseQuantity(String(value)) : undefined;
}

/** Which one is greater: as durations, amounts, numbers or versions, in that order; undefined where they are none of these together. */
export function compareOrdered(left: JsonValue, right: JsonValue): number | undefined {
  const durations = compareDurations(left, right);
  if (durations !== undefined) return durations;
  const amounts = compareAmounts(left, right);
  if (amounts !== undefined) return amounts;
  const [own, other] = [numberOf(left), numberOf(right)];
  if (own !== undefined && other !== undefined) return own - other;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  const [version, wanted] = [parseSemver(left), parseSemver(right)];
  return version === undefined || wanted === undefined ? undefined : compareSemver(version, wanted);
}
