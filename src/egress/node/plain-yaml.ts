import { type ConfigPath, placeOf } from '../../codec/yaml/mistake.ts';
import { parseYamlDocuments, type YamlMistake, type YamlNode } from '../../codec/yaml/tree.ts';

/** A YAML document as plain values: texts, lists, and objects that inherit nothing; an empty value is null. */
export type PlainYaml = string | null | readonly PlainYaml[] | { readonly [name: string]: PlainYaml };

/** A document and where its members stand. */
export interface YamlDocument {
  readonly value: PlainYaml;
  /** The line of a member, or of the nearest one around it. */
  readonly lineOf: (path: ConfigPath) => number;
}

/** Documents, or the first thing that is wrong with the text. */
export type YamlReading =
  | { readonly documents: readonly YamlDocument[]; readonly mistake?: undefined }
  | { readonly documents?: undefined; readonly mistake: Pick<YamlMistake, 'line' | 'sentence'> };

/**
 * Reads all documents of a text. Aliases and tags are mistakes here: other readers know them, so that it cannot be told what they see.
 */
export async function readPlainYaml(text: string): Promise<YamlReading> {
  const { documents, mistakes } = await parseYamlDocuments(text);
  const [mistake] = mistakes;
  if (mistake !== undefined) return { mistake: { line: mistake.line, sentence: mistake.sentence } };
  return {
    documents: documents.map((root) => ({ value: plain(root), lineOf: (path) => placeOf(root, path).line })),
  };
}

/** The members of an object; none of anything else. */
export function membersOf(value: PlainYaml | undefined): { readonly [name: string]: PlainYaml } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: PlainYaml })
    : {};
}

/** A member by its name. */
export function memberOf(value: PlainYaml | undefined, name: string): PlainYaml | undefined {
  const members = membersOf(value);
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** The texts of a list, or a single one. */
export function textsIn(value: PlainYaml | undefined): readonly string[] {
  const list: readonly PlainYaml[] = Array.isArray(value) ? (value as readonly PlainYaml[]) : [value ?? null];
  return list.filter((item) => typeof item === 'string');
}

/** What YAML readers of Go take for true. */
export function isTrue(value: PlainYaml | undefined): boolean {
  return typeof value === 'string' && /^(?:true|t|yes|on|y|1)$/i.test(value);
}

function plain(node: YamlNode): PlainYaml {
  if (node.kind === 'scalar') return node.text ?? null;
  if (node.kind === 'sequence') return node.items.map(plain);
  const members = Object.create(null) as Record<string, PlainYaml>;
  for (const { name, value } of node.entries) members[name] = plain(value);
  return members;
}
