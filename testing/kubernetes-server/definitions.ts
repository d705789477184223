import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadAll } from 'js-yaml';
import type { ApiObject } from './ask.ts';
import { type Asks, createObject } from './objects.ts';

/** Whose definitions `.ci/kubernetes-definitions` brings. */
export type DefinitionsOf = 'cert-manager' | 'gatekeeper' | 'kyverno' | 'openreports' | 'prometheus-operator';

const folder = join(import.meta.dirname, '..', '..', '.tools', 'definitions');
const list = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Options for a test that needs definitions of others: skips with the reason where some are not there. */
export function needsDefinitions(...names: readonly DefinitionsOf[]): { skip: string | false } {
  const missing = names.filter((name) => readObjects(name).length === 0);
  const why = `no definitions of ${missing.join(', ')}; bring them: .ci/kubernetes-definitions .tools/definitions`;
  return { skip: missing.length > 0 ? why : false };
}

/** The objects that a project has applied to clusters, in their order: definitions, and whatever else it keeps beside them. */
export function readObjects(name: DefinitionsOf): readonly ApiObject[] {
  const place = join(folder, name);
  let files: readonly string[];
  try {
    files = readdirSync(place).sort();
  } catch {
    return [];
  }
  return files
    .flatMap((file) => loadAll(readFileSync(join(place, file), 'utf8')))
    .filter((each): each is ApiObject => typeof each === 'object' && each !== null);
}

/** Makes the custom resources of these projects known to an API server, as they define them, and waits until it serves them. */
export async function installDefinitions(server: Asks, ...names: readonly DefinitionsOf[]): Promise<void> {
  const made: string[] = [];
  for (const each of names.flatMap(readObjects)) {
    if (each['kind'] !== 'CustomResourceDefinition') continue;
    const { metadata } = (await createObject(server, list, each)) as { readonly metadata: { readonly name: string } };
    made.push(metadata.name);
  }
  assert.ok(made.length > 0, `there are no definitions of ${names.join(', ')}`);
  for (const name of made) await established(server, name);
}

/** Waits until an API server serves a custom resource. @param name `certificates.cert-manager.io` */
export async function established(server: Asks, name: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { body } = await server.ask({ method: 'GET', path: `${list}/${name}` });
    const { conditions } = (body['status'] ?? {}) as {
      // At first they are null.
      readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
    };
    if (conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true) return;
    await sleep(100);
  }
  throw new Error(`the API server does not come to serve ${name}`);
}
