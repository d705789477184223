import { printable } from '../../../base/printable.ts';
import type { VersionScheme } from '../../../version/scheme.ts';
import { TriageError } from './error.ts';

/** A bound of versions. */
interface Comparator {
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  readonly version: string;
}

/** Versions that are asked for: those of which any of these lists holds wholly. */
export type VersionSet = readonly (readonly Comparator[])[];

/** Bounds in one question. */
const mostBounds = 20;

/**
 * Reads versions: `<1.2.3`, `>=1.0 <1.5` (both hold), `1.0 || >=3` (one of them), `1.2.3` (this alone), `*` (all).
 *
 * @throws TriageError TRIAGE_INVALID
 */
export function parseVersionSet(text: string): VersionSet {
  const set = text.split('||').map((part) => {
    const words = part
      .replaceAll(/([<>]=?|=)\s+/g, '$1')
      .split(/[\s,]+/)
      .filter((word) => word !== '');
    if (words.length === 0) throw invalid(text);
    return words
      .filter((word) => word !== '*')
      .map((word): Comparator => {
        const [, operator = '=', version = ''] = /^(<=|>=|<|>|=)?([^<>=*|~^][^<>=*|]*)$/.exec(word) ?? [];
        if (version === '') throw invalid(text);
        return { operator: operator as Comparator['operator'], version };
      });
  });
  if (set.flat().length > mostBounds) throw invalid(text);
  return set;
}

/** Whether a version is among them; undefined where it cannot be told, since it or a bound is no version of the scheme. */
export function holdsVersion(set: VersionSet, scheme: VersionScheme | undefined, version: string): boolean | undefined {
  let isUnknown = false;
  for (const all of set) {
    const held = all.map((comparator) => holds(comparator, scheme, version));
    if (held.every((one) => one === true)) return true;
    if (!held.includes(false)) isUnknown = true;
  }
  return isUnknown ? undefined : false;
}

function holds(
  { operator, version: bound }: Comparator,
  scheme: VersionScheme | undefined,
  version: string,
): boolean | undefined {
  if (scheme === undefined || !scheme.isValid(version) || !scheme.isValid(bound)) {
    return operator === '=' && version === bound ? true : undefined;
  }
  const order = scheme.compare(version, bound);
  if (order === 0) return operator.endsWith('=');
  return operator.startsWith(order < 0 ? '<' : '>');
}

function invalid(text: string): TriageError {
  return new TriageError(
    'TRIAGE_INVALID',
    `"${printable(text.slice(0, 100))}" is no range of versions; write such as "<1.2.3", ">=1.0 <1.5", "1.2.3" or "*"`,
  );
}
