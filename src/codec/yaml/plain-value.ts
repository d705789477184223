import type { YamlNode } from './tree.ts';

/**
 * A node as a plain value for a schema: texts, lists, and objects that inherit nothing, so that a name such as `__proto__`
 * is a name like any other. An empty value is null.
 */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.text ?? null;
  if (node.kind === 'sequence') return node.items.map(plainValue);
  const members = Object.create(null) as Record<string, unknown>;
  for (const { name, value } of node.entries) members[name] = plainValue(value);
  return members;
}
