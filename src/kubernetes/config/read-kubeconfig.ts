import { delimiter, dirname, join } from 'node:path';
import { printable } from '../../base/printable.ts';
import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import { parseYamlTree } from '../../codec/yaml/tree.ts';
import { KubernetesError } from '../error.ts';
import { asText, isObject, type JsonObject } from '../json.ts';
import type { ConfigDeps } from './deps.ts';
import type { KubeEntry } from './entry.ts';
import { configLimits as limits } from './limits.ts';
import { readIfThere } from './read-file.ts';

/** What kubeconfig files say together. */
export interface Kubeconfig {
  /** Those that are there. */
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, KubeEntry>;
  readonly clusters: ReadonlyMap<string, KubeEntry>;
  readonly users: ReadonlyMap<string, KubeEntry>;
}

/**
 * Reads the kubeconfig that was named, or else those that `KUBECONFIG` names, or else `~/.kube/config`. Of several files, the first that has a
 * thing decides it whole, and files that are not there are passed over (Kubernetes documentation, "Organizing Cluster Access Using
 * kubeconfig Files", "Merging kubeconfig files").
 *
 * @returns undefined where no file is there and none was named
 * @throws KubernetesError CONFIG_INVALID, CONFIG_MISSING for a named file that is not there
 */
export async function readKubeconfig(deps: ConfigDeps, named?: string): Promise<Kubeconfig | undefined> {
  const documents: Document[] = [];
  for (const path of named === undefined ? usualPaths(deps) : [named]) {
    const file = { path, what: 'The kubeconfig', most: limits.kubeconfigBytes };
    const bytes = await readIfThere(file, deps, 'CONFIG_INVALID');
    if (bytes !== undefined) documents.push(await parseFile(bytes, path));
    else if (named !== undefined) {
      throw new KubernetesError('CONFIG_MISSING', `There is no kubeconfig at ${printable(path, 300)}; check the path`);
    }
  }
  return documents.length === 0 ? undefined : merge(documents);
}

interface Document {
  readonly file: string;
  readonly fields: JsonObject;
}

function usualPaths({ env, home }: ConfigDeps): string[] {
  const named = [...new Set((env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== ''))];
  if (named.length > limits.files) {
    throw new KubernetesError('CONFIG_INVALID', `KUBECONFIG names more than ${limits.files} files; name fewer`);
  }
  if (named.length > 0) return named;
  return home === undefined ? [] : [join(home, '.kube', 'config')];
}

async function parseFile(bytes: Buffer, file: string): Promise<Document> {
  const invalid = (why: string): KubernetesError =>
    new KubernetesError('CONFIG_INVALID', `The kubeconfig ${printable(file, 300)} cannot be used: ${why}`);
  const { root, mistakes } = await parseYamlTree(bytes.toString('utf8'));
  const [mistake] = mistakes;
  if (mistake !== undefined) throw invalid(`line ${mistake.line}: ${mistake.sentence}`);
  const value = root === undefined ? null : kubernetesValue(root);
  if (value === null) return { file, fields: {} };
  if (!isObject(value)) throw invalid('it has no fields; check that it is a kubeconfig');
  const { kind } = value;
  if (kind !== undefined && kind !== null && kind !== '' && kind !== 'Config') {
    throw invalid(`it is of kind ${printable(asText(kind) ?? 'unknown')}; name a file of kind Config`);
  }
  return { file, fields: value };
}

function merge(documents: readonly Document[]): Kubeconfig {
  const all = {
    contexts: new Map<string, KubeEntry>(),
    clusters: new Map<string, KubeEntry>(),
    users: new Map<string, KubeEntry>(),
  };
  for (const document of documents) {
    for (const [list, singular] of [
      ['contexts', 'context'],
      ['clusters', 'cluster'],
      ['users', 'user'],
    ] as const) {
      for (const [name, entry] of entriesOf(document, list, singular)) {
        if (!all[list].has(name)) all[list].set(name, entry);
      }
    }
  }
  const named = documents.map(({ fields }) => asText(fields['current-context']));
  return {
    files: documents.map(({ file }) => file),
    currentContext: named.find((name) => name !== undefined),
    ...all,
  };
}

function entriesOf({ file, fields }: Document, list: string, singular: string): Map<string, KubeEntry> {
  const invalid = (why: string): KubernetesError =>
    new KubernetesError('CONFIG_INVALID', `The kubeconfig ${printable(file, 300)} cannot be used: ${why}`);
  const items = fields[list] ?? [];
  if (!Array.isArray(items) || items.length > limits.entries) {
    throw invalid(`${list} is no list, or has more than ${limits.entries} entries; correct it`);
  }
  const entries = new Map<string, KubeEntry>();
  for (const item of items as readonly unknown[]) {
    const name = isObject(item) ? asText(item['name']) : undefined;
    if (!isObject(item) || name === undefined) throw invalid(`an entry of ${list} has no name; give it one`);
    const part = item[singular] ?? {};
    if (!isObject(part)) throw invalid(`the ${singular} "${printable(name)}" has no fields; correct it`);
    const title = `${singular} "${printable(name)}"`;
    if (entries.has(name)) throw invalid(`it has the ${title} twice; keep one`);
    entries.set(name, { title, file, folder: dirname(file), fields: part });
  }
  return entries;
}
