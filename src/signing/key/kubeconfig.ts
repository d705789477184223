import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { asList, asObject, asText, type JsonObject } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import type { KeyDeps } from './key-deps.ts';
import { keyLimits } from './limits.ts';
import { homeOf, readOptional } from './read-files.ts';

/** An entry of a kubeconfig, and the folder that its relative paths start from. */
export interface KubeEntry {
  readonly folder: string;
  readonly fields: JsonObject;
}

/** The cluster and user of the current context. */
export interface KubeContext {
  readonly cluster: KubeEntry;
  readonly user: KubeEntry;
}

/**
 * Reads the current context of the kubeconfig files that `KUBECONFIG` names, or of `~/.kube/config`: of several files the
 * first that has a thing decides, as in kubectl. Undefined when there is no file.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function readKubeconfig(deps: KeyDeps): Promise<KubeContext | undefined> {
  const documents: KubeEntry[] = [];
  for (const path of paths(deps)) {
    const text = await readOptional(deps, path);
    if (text.trim() !== '') documents.push({ folder: dirname(path), fields: await parse(text, path) });
  }
  const current = documents.map(({ fields }) => asText(fields['current-context'])).find((name) => name !== undefined);
  if (current === undefined) return undefined;
  const context = find(documents, 'contexts', 'context', current).fields;
  const clusterName = asText(context['cluster']);
  const userName = asText(context['user']);
  if (clusterName === undefined) throw invalid(`its context ${current} names no cluster`);
  return {
    cluster: find(documents, 'clusters', 'cluster', clusterName),
    user: userName === undefined ? { folder: '', fields: {} } : find(documents, 'users', 'user', userName),
  };
}

function paths({ env }: KeyDeps): string[] {
  const set = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (set.length > keyLimits.configFiles) throw invalid('KUBECONFIG names too many files');
  if (set.length > 0) return set;
  const home = homeOf(env);
  return home === undefined ? [] : [join(home, '.kube', 'config')];
}

async function parse(text: string, path: string): Promise<JsonObject> {
  const yaml = await import('js-yaml');
  let value: unknown;
  try {
    value = yaml.load(text, { schema: yaml.CORE_SCHEMA, maxDepth: keyLimits.configDepth });
  } catch {
    // The parser's own words quote what it read.
    throw invalid(`${path} is no YAML`);
  }
  return asObject(value, path, invalid);
}

function find(documents: readonly KubeEntry[], list: string, field: string, name: string): KubeEntry {
  for (const { folder, fields } of documents) {
    for (const item of asList(fields[list], list, 10_000, invalid)) {
      const entry = asObject(item, `an entry of ${list}`, invalid);
      if (entry['name'] === name) return { folder, fields: asObject(entry[field] ?? {}, field, invalid) };
    }
  }
  throw invalid(`it has no ${field} ${name}`);
}

/** A path in a kubeconfig: relative ones start at its folder. */
export function pathIn(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

function invalid(why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `The kubeconfig cannot be used: ${why}`);
}
