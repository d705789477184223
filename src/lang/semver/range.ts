import { compareSemver, parseSemver, type Semver } from './semver.ts';

/** Whether a version is in a range. */
export type SemverRange = (version: Semver) => boolean;

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '': (order) => order === 0,
  '=': (order) => order === 0,
  '==': (order) => order === 0,
  '!': (order) => order !== 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
};

/**
 * Reads a range as Go's blang/semver writes it: `>=1.2.0 <2.0.0 || 3.x`. Blanks mean "and"; `x` stands for any number, and what follows
 * it. Undefined for what is none.
 */
export function parseSemverRange(text: string): SemverRange | undefined {
  if (text.length > 1000) return undefined;
  const alternatives: SemverRange[][] = [];
  for (const alternative of text.split('||')) {
    const conditions: SemverRange[] = [];
    for (const part of joinOperators(alternative).split(/\s+/)) {
      const [whole, operator = '', version = ''] = /^(\D*)(\d.*)$/.exec(part) ?? [];
      if (whole === undefined) return undefined;
      const condition = readCondition(operator, version);
      if (condition === undefined) return undefined;
      conditions.push(condition);
    }
    if (conditions.length === 0) return undefined;
    alternatives.push(conditions);
  }
  return (version) => alternatives.some((conditions) => conditions.every((condition) => condition(version)));
}

/** `>= 1.0.0` is `>=1.0.0`. */
function joinOperators(text: string): string {
  return text.trim().replaceAll(/([<>=!])\s+(?=\d)/g, '$1');
}

function readCondition(operator: string, text: string): SemverRange | undefined {
  const holds = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (holds === undefined) return undefined;
  const [, wild] = /^((?:\d+\.){1,2})[xX*](?:\.[xX*])?$/.exec(text) ?? [];
  if (wild !== undefined) return wildcard(operator, wild);
  const wanted = parseSemver(text);
  return wanted === undefined ? undefined : (version) => holds(compareSemver(version, wanted));
}

/** All versions that begin so: from the first of them to the first of the next. */
function wildcard(operator: string, start: string): SemverRange | undefined {
  const numbers = start.slice(0, -1).split('.').map(BigInt);
  const [major = 0n, minor] = numbers;
  const first: Semver = { numbers: [major, minor ?? 0n, 0n], prerelease: [] };
  const next: Semver = {
    numbers: minor === undefined ? [major + 1n, 0n, 0n] : [major, minor + 1n, 0n],
    prerelease: [],
  };
  const isIn: SemverRange = (version) => compareSemver(version, first) >= 0 && compareSemver(version, next) < 0;
  switch (operator) {
    case '':
    case '=':
    case '==':
      return isIn;
    case '!':
    case '!=':
      return (version) => !isIn(version);
    case '>':
      return (version) => compareSemver(version, next) >= 0;
    case '>=':
      return (version) => compareSemver(version, first) >= 0;
    case '<':
      return (version) => compareSemver(version, first) < 0;
    default:
      return (version) => compareSemver(version, next) < 0;
  }
}
