import { LangError } from '../../../lang/error.ts';
import { type UsedPath, usedPaths } from '../../../lang/jmespath/used-paths.ts';
import { isObject, type JsonObject, type JsonValue, memberOf, objectOf } from '../../../lang/jmespath/value.ts';
import { type ExpressionPiece, parseTemplate } from '../variables/parse-template.ts';

/** Stands for a name that a variable gives. */
const anyName = 'x_any_name_x';

/**
 * What variables in conditions use, from the top of all that they can see. Nobody knows what a variable within another gives, so that
 * from there on everything counts.
 *
 * @throws LangError for what cannot be read
 */
export function pathsInConditions(value: JsonValue): readonly UsedPath[] {
  if (typeof value === 'string') {
    if (!value.includes('{{')) return [];
    return parseTemplate(value).flatMap((piece) => (piece.kind === 'text' ? [] : pathsOf(piece.pieces)));
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, each]) => [...pathsInConditions(name), ...pathsInConditions(each)]);
}

function pathsOf(pieces: readonly ExpressionPiece[]): readonly UsedPath[] {
  const within: UsedPath[] = [];
  let text = '';
  let isOpen = false;
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      text += piece.text;
      continue;
    }
    within.push(...pathsOf(piece.pieces));
    if (piece.within === 'bare') isOpen = true;
    const isName = piece.within === 'name' || (piece.within === 'bare' && !text.trimEnd().endsWith('['));
    text += isName ? anyName : '0';
  }
  return [...within, ...pathsOfExpression(text.trim(), isOpen)];
}

function pathsOfExpression(text: string, isOpen: boolean): readonly UsedPath[] {
  try {
    return usedPaths(text).map((path) => {
      const end = path.findIndex((name) => name.includes(anyName));
      return end < 0 ? path : path.slice(0, end);
    });
  } catch (error) {
    // With what a variable gives in its place it may be right.
    if (!(error instanceof LangError) || !isOpen) throw error;
    return [[]];
  }
}

/**
 * What conditions use of what surrounds an image, and nothing more, so that Pods that differ elsewhere ask the same question.
 *
 * @param names what there is; other names are of the statements that conditions are about
 * @param find the value at a path, null where there is none @throws what it throws
 */
export function contextOf(
  paths: readonly UsedPath[],
  names: readonly string[],
  find: (path: UsedPath) => JsonValue,
): JsonObject | undefined {
  const wanted = paths.flatMap((path) => {
    const [first] = path;
    if (first === undefined) return names.map((name) => [name]);
    return names.includes(first) ? [path] : [];
  });
  if (wanted.length === 0) return undefined;
  const tree = new Map<string, Wanted>();
  for (const path of wanted) add(tree, path);
  return gather(tree, [], find);
}

/** Members that are wanted of something, or all of it. */
type Wanted = Map<string, Wanted> | 'all';

function add(tree: Map<string, Wanted>, [name = '', ...rest]: UsedPath): void {
  const there = tree.get(name);
  if (rest.length === 0) tree.set(name, 'all');
  else if (there !== 'all') {
    const below = there ?? new Map<string, Wanted>();
    tree.set(name, below);
    add(below, rest);
  }
}

function gather(tree: ReadonlyMap<string, Wanted>, path: UsedPath, find: (path: UsedPath) => JsonValue): JsonObject {
  const members = [...tree.keys()].sort().flatMap((name): readonly (readonly [string, JsonValue])[] => {
    const wanted = tree.get(name);
    const here = [...path, name];
    const value = wanted === undefined || wanted === 'all' ? find(here) : gather(wanted, here, find);
    return value === null || (wanted !== 'all' && isObject(value) && Object.keys(value).length === 0)
      ? []
      : [[name, value]];
  });
  return objectOf(members);
}

/** The value at a path. */
export function valueAt(value: JsonValue, path: UsedPath): JsonValue {
  return path.reduce(memberOf, value);
}

/** A path as an expression, with every name in quotes. */
export function expressionOf(path: UsedPath): string {
  return path.map((name) => JSON.stringify(name)).join('.');
}
