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

function namesAt(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  let node: JsonSchema | undefined = schema;
  for (const part of path) {
    const further: JsonSchema | undefined =
      typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined;
    node = typeof part === 'number' ? node?.items : (node?.properties?.[String(part)] ?? further);
  }
  return Object.keys(node?.properties ?? {});
}
