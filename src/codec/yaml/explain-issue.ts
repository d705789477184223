import type { z } from 'zod';
import { printable } from '../../base/printable.ts';
import { suggest } from '../../base/suggest.ts';
import type { YamlNode } from './tree.ts';
import type { JsonSchema } from './json-schema.ts';
import { type ConfigPath, type Finding, nodeAt } from './mistake.ts';

type Issue = z.core.$ZodIssue;

/** What a schema expects, in the words of the file. */
const shapes: Readonly<Record<string, string>> = {
  string: 'one plain value',
  array: 'a list',
  object: 'names with values',
  record: 'names with values',
};

/**
 * Says what a schema found wrong, in the words of the file.
 *
 * @param section the path of the value that was checked
 * @param schema of that value, for the names that are known
 */
export function explainIssue(
  issue: Issue,
  section: ConfigPath,
  root: YamlNode | undefined,
  schema: JsonSchema,
): Finding[] {
  const path = [...section, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(schema, issue.path);
    return issue.keys.map((key) => ({ path: [...path, key], sentence: unknownName(key, known) }));
  }
  if (issue.code === 'invalid_value') return [{ path, sentence: notOne(issue.values, nodeAt(root, path)) }];
  if (issue.code !== 'invalid_type') return [{ path, sentence: issue.message }];
  const node = nodeAt(root, path);
  const wanted = shapes[issue.expected] ?? 'another value';
  if (node === undefined) return [{ path, sentence: 'is missing; add it' }];
  if (node.kind === 'scalar' && node.text === undefined) {
    return [{ path, sentence: `has no value; write ${wanted}, or remove it` }];
  }
  return [{ path, sentence: `takes ${wanted}` }];
}

/** The sentence about a value that is none of a few. */
function notOne(values: readonly unknown[], node: YamlNode | undefined): string {
  if (node === undefined) return 'is missing; add it';
  const words = values.map((value) => printable(String(value)));
  const text = node.kind === 'scalar' ? (node.text ?? '') : undefined;
  const near = text === undefined ? undefined : suggest(text, words);
  const meant = near === undefined ? '' : ` (did you mean ${near}?)`;
  const what = text === undefined ? 'takes one plain value' : `cannot be "${printable(text, 100)}"`;
  return `${what}; write ${words.join(', ').replace(/, ([^,]+)$/, ' or $1')}${meant}`;
}

/** The sentence about a name that nobody knows. */
export function unknownName(name: string, known: readonly string[]): string {
  const near = suggest(name, known);
  if (near !== undefined) return `is no setting; did you mean ${near}?`;
  const list = known.length === 0 ? '' : `; there are ${known.map((each) => printable(each)).join(', ')}`;
  return `is no setting${list}`;
}

/** The names that a schema knows at a place; those of each form where a value may have several. */
function namesAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  let nodes = formsOf(schema, schema);
  for (const part of path) {
    nodes = nodes.flatMap(({ items, properties, additionalProperties: further }) => {
      const next =
        typeof part === 'number' ? items : (properties?.[String(part)] ?? (typeof further === 'object' ? further : {}));
      return next === undefined ? [] : formsOf(next, schema);
    });
  }
  return [...new Set(nodes.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** Follows what is only named, which may name itself again. */
function formsOf(node: JsonSchema, whole: JsonSchema, depth = 0): readonly JsonSchema[] {
  const { $ref, anyOf = [] } = node;
  if (depth > 8) return [];
  const named = $ref === undefined ? undefined : $ref === '#' ? whole : whole.$defs?.[$ref.slice('#/$defs/'.length)];
  const further = [...(named === undefined ? [] : [named]), ...anyOf];
  return [node, ...further.flatMap((each) => formsOf(each, whole, depth + 1))];
}
