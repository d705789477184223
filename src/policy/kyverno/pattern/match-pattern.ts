import { isObject, type JsonObject, type JsonValue, memberOf, typeOf } from '../../../lang/jmespath/value.ts';
import { matchesWildcard } from '../wildcard.ts';
import type { PatternMember, PreparedPattern } from './prepared-pattern.ts';
import { failed, passed, type PatternResult, skipped } from './result.ts';

/**
 * Compares an object with a pattern (Kyverno, "Pattern" and "Anchors"): what the pattern names must be there and be as it says; what it
 * does not name may be anything. A list with one element is a pattern for each element of a list.
 *
 * @param step is called for each part that is compared; both sides are bounded by whoever read them @throws what it throws
 */
export function matchPattern(value: JsonValue, pattern: PreparedPattern, step: () => void): PatternResult {
  return new Comparison(step).part(value, pattern, '/');
}

class Comparison {
  readonly #step: () => void;

  constructor(step: () => void) {
    this.#step = step;
  }

  part(value: JsonValue, pattern: PreparedPattern, path: string): PatternResult {
    this.#step();
    const { members, items } = pattern;
    if (members !== undefined) {
      return isObject(value) ? this.#members(value, members, path) : otherKind(value, 'an object', path);
    }
    if (items !== undefined) {
      return Array.isArray(value)
        ? this.#elements(value as readonly JsonValue[], items, path)
        : otherKind(value, 'a list', path);
    }
    if (Array.isArray(value)) return this.#each(value as readonly JsonValue[], pattern, path);
    if (pattern.test(value)) return passed;
    return failed(path, `${show(value)} is not as ${show(pattern.value)} says`);
  }

  #members(value: JsonObject, members: readonly PatternMember[], path: string): PatternResult {
    for (const member of members) {
      for (const name of namesFor(value, member)) {
        const result = this.#member(value, member, name, path);
        if (result.kind !== 'passed') return result;
      }
    }
    return passed;
  }

  #member(value: JsonObject, { anchor, part }: PatternMember, name: string, parent: string): PatternResult {
    const path = `${parent}${name}/`;
    const isThere = Object.hasOwn(value, name);
    const own = memberOf(value, name);
    switch (anchor) {
      case 'negation':
        return isThere ? failed(path, `${name} must not be there`) : passed;
      case 'equality':
        return isThere ? this.part(own, part, path) : passed;
      case 'existence':
        return isThere ? this.#someOf(own, part, path) : failed(path, `${name} is not there`);
      case 'conditional': {
        if (!isThere) return skipped(path, `${name} is not there`);
        return asCondition(this.part(own, part, path));
      }
      case 'global':
        return isThere ? asCondition(this.part(own, part, path)) : passed;
      default:
        if (part.value === '*') return own === null ? failed(path, `${name} is not there`) : passed;
        return this.part(own, part, path);
    }
  }

  /** For each pattern, one element at least must be as it says. */
  #someOf(value: JsonValue, { items }: PreparedPattern, path: string): PatternResult {
    if (!Array.isArray(value) || items === undefined) return otherKind(value, 'a list', path);
    for (const each of items) {
      const isMet = (value as readonly JsonValue[]).some((element) => this.part(element, each, path).kind === 'passed');
      if (!isMet) return failed(path, `none of its elements is as ${show(each.value)} says`);
    }
    return passed;
  }

  #elements(value: readonly JsonValue[], items: readonly PreparedPattern[], path: string): PatternResult {
    const [first] = items;
    if (first === undefined) return failed(path, 'the pattern is a list of nothing');
    if (first.items === undefined) return this.#each(value, first, path);
    if (items.length > value.length) return failed(path, `it has fewer than ${items.length} elements`);
    for (const [at, each] of items.entries()) {
      const result = this.part(value[at] ?? null, each, `${path}${at}/`);
      if (result.kind !== 'passed') return result;
    }
    return passed;
  }

  /** Elements that a condition leaves out do not count; where it leaves out all, the pattern says nothing. */
  #each(value: readonly JsonValue[], pattern: PreparedPattern, path: string): PatternResult {
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
function namesFor(value: JsonObject, { name, isPattern }: PatternMember): readonly string[] {
  if (!isPattern) return [name];
  const found = Object.keys(value).filter((key) => matchesWildcard(name, key));
  return found.length === 0 ? [name] : found;
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
