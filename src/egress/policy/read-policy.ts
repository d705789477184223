import { parseYamlTree, type YamlNode } from '../../codec/yaml/tree.ts';
import { mistakeAt, type PolicyMistake, type PolicyPath } from './mistake.ts';
import type { EgressPolicy } from './model.ts';

/** A policy that can be used, or all that is wrong with it. */
export type PolicyReading =
  | { readonly policy: EgressPolicy; readonly mistakes?: undefined }
  | { readonly policy?: undefined; readonly mistakes: readonly PolicyMistake[] };

/**
 * Reads a policy: a document of its own, or the section `egress` of a settings file, whose other sections are let pass. No file that it
 * names is looked at: most of them are on the nodes.
 */
export async function readPolicy(text: string): Promise<PolicyReading> {
  const { root, mistakes } = await parseYamlTree(text);
  if (mistakes.length > 0) return { mistakes: mistakes.map((mistake) => ({ ...mistake, path: '' })) };
  const section = root?.kind === 'mapping' ? root.entries.find(({ name }) => name === 'egress') : undefined;
  const at: PolicyPath = section === undefined ? [] : ['egress'];
  const node = section === undefined ? root : section.value;
  if (node?.kind !== 'mapping') {
    return { mistakes: [mistakeAt(root, at, 'takes names with values; begin with registry')] };
  }
  const { explainIssue, policySchema } = await import('./schema.ts');
  const result = policySchema.safeParse(plainValue(node));
  if (!result.success) {
    const found = result.error.issues.flatMap(explainIssue);
    return { mistakes: inOrder(found.map(({ path, sentence }) => tell(root, [...at, ...path], sentence))) };
  }
  const findings = contradictions(result.data);
  if (findings.length === 0) return { policy: result.data };
  return { mistakes: inOrder(findings.map(({ path, sentence }) => mistakeAt(root, [...at, ...path], sentence))) };
}

/** What is wrong with no setting by itself. */
function contradictions(policy: EgressPolicy): { readonly path: PolicyPath; readonly sentence: string }[] {
  const { registry, hosts, exceptions } = policy;
  const found: { readonly path: PolicyPath; readonly sentence: string }[] = [];
  const seen = new Set<string>();
  for (const [index, { host }] of exceptions.entries()) {
    const path = ['exceptions', index, 'host'];
    if (seen.has(host)) found.push({ path, sentence: 'is there twice; keep one' });
    seen.add(host);
    if (host === registry.authority) found.push({ path, sentence: 'is the private registry itself; remove it' });
    const led = hosts.includes(host) || registry.prefixed.includes(host);
    if (led) found.push({ path, sentence: 'is also led to the private registry; decide for one of both' });
  }
  for (const [name, list] of [
    ['hosts', hosts],
    ['registry', registry.prefixed],
  ] as const) {
    const index = list.indexOf(registry.authority);
    const path = name === 'hosts' ? [name, index] : [name, 'prefixed', index];
    if (index >= 0) found.push({ path, sentence: 'is the private registry itself; remove it' });
  }
  if (
    registry.scheme === 'http' &&
    (registry.ca !== undefined || registry.client !== undefined || registry.authorization !== undefined)
  ) {
    found.push({
      path: ['registry', 'url'],
      sentence: 'is asked in the clear, so that certificates and passwords have no use; write https://',
    });
  }
  return found;
}

function tell(root: YamlNode | undefined, path: PolicyPath, sentence: string): PolicyMistake {
  let node = root;
  for (const part of path) {
    if (node?.kind === 'sequence') node = node.items[Number(part)];
    else node = node?.kind === 'mapping' ? node.entries.find(({ name }) => name === String(part))?.value : undefined;
  }
  if (node === undefined && sentence.startsWith('takes ')) return mistakeAt(root, path, 'is missing; add it');
  const empty = node?.kind === 'scalar' && node.text === undefined && sentence.startsWith('takes ');
  return mistakeAt(root, path, empty ? `has no value; ${sentence.replace('takes', 'write')}, or remove it` : sentence);
}

function inOrder(mistakes: readonly PolicyMistake[]): readonly PolicyMistake[] {
  return mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.text ?? null;
  if (node.kind === 'sequence') return node.items.map(plainValue);
  const members = Object.create(null) as Record<string, unknown>;
  for (const { name, value } of node.entries) members[name] = plainValue(value);
  return members;
}
