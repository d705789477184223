import { isObject, type JsonObject, type JsonValue } from '../../../lang/jmespath/value.ts';
import type { Search, Template } from '../variables/template.ts';
import { type AnchorKind, parsePatternName } from './anchor.ts';
import { compileLeaf, type LeafTest } from './leaf.ts';

/** A member of a pattern. */
export interface PatternMember {
  readonly anchor: AnchorKind | undefined;
  /** Without what marks it. */
  readonly name: string;
  /** Whether it may stand for several names. */
  readonly isPattern: boolean;
  readonly part: PreparedPattern;
}

/**
 * A pattern that is read once and compared with any number of objects. What no object is compared with is not read: patterns that
 * variables are put into are made for one object alone.
 */
export class PreparedPattern {
  /** As it is written. */
  readonly value: JsonValue;
  #members: readonly PatternMember[] | undefined;
  #items: readonly PreparedPattern[] | undefined;
  #test: LeafTest | undefined;

  constructor(value: JsonValue) {
    this.value = value;
  }

  /** Of an object, in the order in which they are compared; undefined where it is none. */
  get members(): readonly PatternMember[] | undefined {
    return isObject(this.value) ? (this.#members ??= membersOf(this.value)) : undefined;
  }

  /** Of a list; undefined where it is none. */
  get items(): readonly PreparedPattern[] | undefined {
    if (!Array.isArray(this.value)) return undefined;
    return (this.#items ??= (this.value as readonly JsonValue[]).map((each) => new PreparedPattern(each)));
  }

  /** Of anything else. */
  get test(): LeafTest {
    return (this.#test ??= compileLeaf(this.value));
  }
}

/** Reads a pattern: once, where no variables are put into it. @throws LangError, what `search` throws, when called */
export function preparePattern({
  isFixed,
  fill,
}: Pick<Template, 'isFixed' | 'fill'>): (search: Search) => PreparedPattern {
  if (!isFixed) return (search) => new PreparedPattern(fill(search));
  let prepared: PreparedPattern | undefined;
  return (search) => (prepared ??= new PreparedPattern(fill(search)));
}

/** Conditions come first, whatever the order in which they are written. */
function membersOf(pattern: JsonObject): readonly PatternMember[] {
  const all = Object.entries(pattern).map(([text, part]): PatternMember => {
    const { anchor, name } = parsePatternName(text);
    return { anchor, name, isPattern: /[*?]/.test(name), part: new PreparedPattern(part) };
  });
  const rank = ({ anchor }: PatternMember): number => (anchor === 'global' ? 0 : anchor === 'conditional' ? 1 : 2);
  const anchored = all.filter(({ anchor }) => anchor !== undefined).sort((one, other) => rank(one) - rank(other));
  // Of the rest, what holds conditions itself.
  const plain = all
    .filter(({ anchor }) => anchor === undefined)
    .map((member) => ({ member, holds: hasCondition(member.part.value) }))
    .sort((one, other) => Number(other.holds) - Number(one.holds));
  return [...anchored, ...plain.map(({ member }) => member)];
}

function hasCondition(pattern: JsonValue): boolean {
  if (Array.isArray(pattern)) return (pattern as readonly JsonValue[]).some(hasCondition);
  if (!isObject(pattern)) return false;
  return Object.entries(pattern).some(([name, part]) => {
    const { anchor } = parsePatternName(name);
    return anchor === 'conditional' || anchor === 'global' || hasCondition(part);
  });
}
