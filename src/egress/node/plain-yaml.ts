import { parseYamlTree, type YamlNode } from '../../codec/yaml/tree.ts';

/** A YAML document as plain values: texts, lists, and objects that inherit nothing; an empty value is null. */
export type PlainYaml = string | null | readonly PlainYaml[] | { readonly [name: string]: PlainYaml };

/** Documents, or the first thing that is wrong with the text. */
export type YamlReading =
  | { readonly documents: readonly PlainYaml[]; readonly mistake?: undefined }
  | { readonly documents?: undefined; readonly mistake: string };

/**
 * Reads all documents of a text. A line of three dashes ends a document wherever it stands (YAML 1.2.2, 9.1.2). Aliases and tags are
 * mistakes here: other readers know them, so that it cannot be told what they see.
 */
export async function readPlainYaml(text: string): Promise<YamlReading> {
  const documents: PlainYaml[] = [];
  let line = 0;
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    const { root, mistakes } = await parseYamlTree(part);
    const [mistake] = mistakes;
    if (mistake !== undefined) return { mistake: `${mistake.line + line}:${mistake.column}: ${mistake.sentence}` };
    if (root !== undefined) documents.push(plain(root));
    line += part.split('\n').length - 1;
  }
  return { documents };
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
