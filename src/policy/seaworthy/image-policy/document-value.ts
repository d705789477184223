import { kubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import { plainValue } from '../../../codec/yaml/plain-value.ts';
import type { YamlNode } from '../../../codec/yaml/tree.ts';

/** Members of requirements whose values are compared with others, so that a number is not the text of one. */
const typed: Readonly<Record<string, readonly string[]>> = {
  attestations: ['conditions'],
  rules: ['conditions', 'deny'],
  objects: ['pattern', 'anyPattern', 'deny', 'foreach', 'preconditions', 'context'],
};

/** A document as a value for its schema, in which everything is a text but what is compared with what statements say. */
export function imagePolicyValue(root: YamlNode): unknown {
  const value = plainValue(root);
  const spec = memberOf(root, 'spec');
  for (const [list, members] of Object.entries(typed)) {
    const node = memberOf(spec, list);
    if (node?.kind !== 'sequence') continue;
    for (const [at, item] of node.items.entries()) {
      for (const member of members) {
        const own = memberOf(item, member);
        if (own !== undefined) entryOf(value, list, at)[member] = kubernetesValue(own);
      }
    }
  }
  return value;
}

function memberOf(node: YamlNode | undefined, name: string): YamlNode | undefined {
  return node?.kind === 'mapping' ? node.entries.find((entry) => entry.name === name)?.value : undefined;
}

/** What is at a place of which the document has shown that it is there. */
function entryOf(value: unknown, list: string, at: number): Record<string, unknown> {
  const { spec } = value as { readonly spec: Readonly<Record<string, readonly Record<string, unknown>[]>> };
  return spec[list]?.[at] ?? {};
}
