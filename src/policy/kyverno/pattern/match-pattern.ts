import { isObject, type JsonObject, type JsonValue, memberOf, typeOf } from '../../../lang/jmespath/value.ts';
import { matchesWildcard } from '../wildcard.ts';
import { type AnchorKind, parsePatternName } from './anchor.ts';
import { matchesLeaf } from './leaf.ts';
import { failed, passed, type PatternResult, skipped } from './result.ts';

/**
 * Compares an object with a pattern (Kyverno, "Pattern" and "Anchors"): what the pattern names must be there and be as it says; what it
 * does not name may be anything. A list with one element is a pattern for each element of a list.
 *
 * @param step is called for each part that is compared; both sides are bounded by whoever read them @throws what it throws
 */
export function matchPattern(value: JsonValue, pattern: JsonValue, step: () => void): PatternResult {
  return new Comparison(step).part(value, pattern, '/');
}

class Comparison {
  readonly #step: () => void;

  constructor(step: () => void) {
    this.#step = step;
  }

  part(value: JsonValue, pattern: JsonValue, path: string): PatternResult {
    this.#step();
    if (isObject(pattern)) {
      return isObject(value) ? this.#members(value, pattern, path) : otherKind(value, 'an object', path);
    }
    if (Array.isArray(pattern)) {
      const list = pattern as readonly JsonValue[];
      return Array.isArray(value)
        ? this.#elements(value as readonly JsonValue[], list, path)
        : otherKind(value, 'a list', path);
    }
    if (Array.isArray(value)) return this.#each(value as readonly JsonValue[], pattern, path);
    if (matchesLeaf(value, pattern)) return passed;
    return failed(path, `${show(value)} is not as ${show(pattern)} says`);
  }

  /** Conditions come first, whatever the order in which they are written. */
  #members(value: JsonObject, pattern: JsonObject, path: string): PatternResult {
    const names = Object.entries(pattern).map(([text, part]) => ({ ...parsePatternName(text), part }));
    const [anchored, plain] = [
      names.filter(({ anchor }) => anchor !== undefined),
      names.filter(({ anchor }) => anchor === undefined),
    ];
    const rank = (anchor: AnchorKind | undefined): number =>
      anchor === 'global' ? 0 : anchor === 'conditional' ? 1 : 2;
    anchored.sort((one, other) => rank(one.anchor) - rank(other.anchor));
    // Of the rest, what holds conditions itself.
    plain.sort((one, other) => Number(hasCondition(other.part)) - Number(hasCondition(one.part)));
    for (const { anchor, name, part } of [...anchored, ...plain]) {
      for (const [key, expected] of expand(value, name, part, path)) {
        const result = this.#member(value, anchor, key, expected, path);
        if (result.kind !== 'passed') return result;
      }
    }
    return passed;
  }

  #member(
    value: JsonObject,
    anchor: AnchorKind | undefined,
    name: string,
    pattern: JsonValue,
    parent: string,
  ): PatternResult {
    const path = `${parent}${name}/`;
    const isThere = Object.hasOwn(value, name);
    const own = memberOf(value, name);
    switch (anchor) {
      case 'negation':
        return isThere ? failed(path, `${name} must not be there`) : passed;
      case 'equality':
        return isThere ? this.part(own, pattern, path) : passed;
      case 'existence':
        return isThere ? this.#someOf(own, pattern, path) : failed(path, `${name} is not there`);
      case 'conditional': {
        if (!isThere) return skipped(path, `${name} is not there`);
        return asCondition(this.part(own, pattern, path));
      }
      case 'global':
        return isThere ? asCondition(this.part(own, pattern, path)) : passed;
      default:
        if (pattern === '*') return own === null ? failed(path, `${name} is not there`) : passed;
        return this.part(own, pattern, path);
    }
  }

  /** For each pattern, one element at least must be as it says. */
  #someOf(value: JsonValue, pattern: JsonValue, path: string): PatternResult {
    if (!Array.isArray(value) || !Array.isArray(pattern)) return otherKind(value, 'a list', path);
    for (const each of pattern as readonly JsonValue[]) {
      const isMet = (value as readonly JsonValue[]).some((element) => this.part(element, each, path).kind === 'passed');
      if (!isMet) return failed(path, `none of its elements is as ${show(each)} says`);
    }
    return passed;
  }

  #elements(value: readonly JsonValue[], pattern: readonly JsonValue[], path: string): PatternResult {
    const [first] = pattern;
    if (first === undefined) return failed(path, 'the pattern is a list of nothing');
    if (!Array.isArray(first)) return this.#each(value, first, path);
    if (pattern.length > value.length) return failed(path, `it has fewer than ${pattern.length} elements`);
    for (const [at, each] of pattern.entries()) {
      const result = this.part(value[at] ?? null, each, `${path}${at}/`);
      if (result.kind !== 'passed') return result;
    }
    return passed;
  }

  /** Elements that a condition leaves out do not count; where it leaves out all, the pattern says nothing. */
  #each(value: readonly JsonValue[], pattern: JsonValue, path: string): PatternResult {
    let left: PatternResult | undefined;
    let compared = 0;
    for (const [at, element] of value.entries()) {
      const result = this.part(element, pattern, `${path}${at}/`);
      if (result.kind === 'failed') return result;
      if (result.kind === 'skipped') left ??= result;
      else compared += 1;
    }
    return compared === 0 && left !== undefined ? left : passed;
  }
}

/** A condition that does not hold fails nothing. */
function asCondition(result: PatternResult): PatternResult {
  return result.kind === 'failed' ? skipped(result.path, result.why) : result;
}

/** Names of labels and annotations may be patterns: each that matches is compared, and one at least must. */
function expand(
  value: JsonObject,
  name: string,
  pattern: JsonValue,
  path: string,
): readonly (readonly [name: string, pattern: JsonValue])[] {
  if (!/[*?]/.test(name) || !/\/metadata\/(?:labels|annotations)\/$/.test(path)) return [[name, pattern]];
  const found = Object.keys(value).filter((key) => matchesWildcard(name, key));
  return found.length === 0 ? [[name, pattern]] : found.map((key) => [key, pattern] as const);
}

function hasCondition(pattern: JsonValue): boolean {
  if (Array.isArray(pattern)) return (pattern as readonly JsonValue[]).some(hasCondition);
  if (!isObject(pattern)) return false;
  return Object.entries(pattern).some(([name, part]) => {
    const { anchor } = parsePatternName(name);
    return anchor === 'conditional' || anchor === 'global' || hasCondition(part);
  });
}

function otherKind(value: JsonValue, wanted: string, path: string): PatternResult {
  return failed(
    path,
    `there is ${value === null ? 'nothing' : `a value of type ${typeOf(value)}`} where the pattern has ${wanted}`,
  );
}

function show(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
