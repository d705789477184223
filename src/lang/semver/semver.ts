/** A version (semver.org, 2.0.0), without what says only how it was built. */
export interface Semver {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly prerelease: readonly string[];
}

const identifier = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const grammar = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** Reads one, strictly; undefined for what is none. At most 256 characters. */
export function parseSemver(text: string): Semver | undefined {
  if (text.length > 256) return undefined;
  const [whole, major = '', minor = '', patch = '', prerelease] = grammar.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease: prerelease?.split('.') ?? [] };
}

/** Which of two comes later: negative, zero or positive (semver.org, 11). */
export function compareSemver(left: Semver, right: Semver): number {
  for (const at of [0, 1, 2] as const) {
    if (left.numbers[at] !== right.numbers[at]) return left.numbers[at] < right.numbers[at] ? -1 : 1;
  }
  return comparePrereleases(left.prerelease, right.prerelease);
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  // A version comes after all of what led to it.
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (const [at, own] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    const order = compareIdentifiers(own, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifiers(left: string, right: string): number {
  if (left === right) return 0;
  const [isNumber, otherIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(left) < BigInt(right) ? -1 : 1;
  return left < right ? -1 : 1;
}
