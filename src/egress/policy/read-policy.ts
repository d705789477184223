import { explainIssue } from '../../codec/yaml/explain-issue.ts';
import {
  byPlace,
  type ConfigMistake,
  type ConfigPath,
  type Finding,
  formatPath,
  placeOf,
} from '../../codec/yaml/mistake.ts';
import { plainValue } from '../../codec/yaml/plain-value.ts';
import { parseYamlTree, type YamlNode } from '../../codec/yaml/tree.ts';
import type { EgressPolicy } from './model.ts';

/** A policy that can be used, or all that is wrong with it. */
export type PolicyReading =
  | { readonly policy: EgressPolicy; readonly mistakes?: undefined }
  | { readonly policy?: undefined; readonly mistakes: readonly ConfigMistake[] };

/**
 * Reads a policy: a document of its own, or the section `egress` of a settings file, whose other sections are let pass. No file that it
 * names is looked at: most of them are on the nodes.
 *
 * @param isSettings only that section can be the policy
 */
export async function readPolicy(text: string, isSettings: boolean = false): Promise<PolicyReading> {
  const { root, mistakes } = await parseYamlTree(text);
  if (mistakes.length > 0) return { mistakes: mistakes.map((mistake) => ({ ...mistake, path: '' })) };
  const section = root?.kind === 'mapping' ? root.entries.find(({ name }) => name === 'egress') : undefined;
  if (isSettings && section === undefined) {
    return { mistakes: [mistakeAt(root, [], 'has no section egress; write one, or name a policy with --policy')] };
  }
  const at: ConfigPath = section === undefined ? [] : ['egress'];
  const node = section === undefined ? root : section.value;
  if (node?.kind !== 'mapping') {
    return { mistakes: [mistakeAt(root, at, 'takes names with values; begin with registry')] };
  }
  const { policyJsonSchema, policySchema } = await import('./schema.ts');
  const result = policySchema.safeParse(plainValue(node));
  if (!result.success) {
    const json = policyJsonSchema();
    return mistakesAt(
      root,
      result.error.issues.flatMap((issue) => explainIssue(issue, at, root, json)),
    );
  }
  const findings = contradictions(result.data);
  if (findings.length === 0) return { policy: result.data };
  return mistakesAt(
    root,
    findings.map(({ path, sentence }) => ({ path: [...at, ...path], sentence })),
  );
}

/** What is wrong with no setting by itself. */
function contradictions(policy: EgressPolicy): Finding[] {
  const { registry, hosts, exceptions } = policy;
  const found: Finding[] = [];
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

function mistakesAt(root: YamlNode | undefined, findings: readonly Finding[]): PolicyReading {
  return { mistakes: findings.map(({ path, sentence }) => mistakeAt(root, path, sentence)).toSorted(byPlace) };
}

function mistakeAt(root: YamlNode | undefined, path: ConfigPath, sentence: string): ConfigMistake {
  return { ...placeOf(root, path), path: formatPath(path), sentence };
}
