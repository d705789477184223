import { silentLogger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { findCluster } from '../../kubernetes/config/find-cluster.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { ResourceType } from '../../kubernetes/model.ts';
import { openKubernetesClient } from '../../kubernetes/open-client.ts';
import { homeOf } from '../../cloud/read-files.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import { expectBytes } from './ask-json.ts';
import type { KeyDeps } from './key-deps.ts';
import type { KubernetesReference } from './key-reference.ts';
import type { StoredKeyPair } from './stored-key-pair.ts';

const service = 'The cluster';
const secretType: ResourceType = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true };

/** The names under which cosign keeps a key pair in a Secret. */
const names = { publicKey: 'cosign.pub', privateKey: 'cosign.key', password: 'cosign.password' } as const;

/** Reads the public key in a Secret. @throws SigningError KEY_UNAVAILABLE */
export async function readPublicKeySecret(reference: KubernetesReference, deps: KeyDeps): Promise<Buffer> {
  return expectBytes(await readSecret(reference, deps), names.publicKey, service);
}

/** Reads the private key in a Secret, and its password. @throws SigningError KEY_UNAVAILABLE */
export async function readPrivateKeySecret(
  reference: KubernetesReference,
  deps: KeyDeps,
): Promise<{ readonly pem: Buffer; readonly password: Buffer }> {
  const data = await readSecret(reference, deps);
  const pem = expectBytes(data, names.privateKey, service);
  // An empty password leaves an empty value, or none.
  const password = data[names.password] ?? '';
  return { pem, password: password === '' ? Buffer.alloc(0) : expectBytes(data, names.password, service) };
}

/**
 * Keeps a new key pair in a new Secret, which cannot be changed afterwards. One that is there already is not replaced.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function createKeySecret(
  reference: KubernetesReference,
  pair: StoredKeyPair,
  deps: KeyDeps,
): Promise<void> {
  const { namespace, name } = reference;
  const entries = (Object.keys(names) as (keyof typeof names)[]).map((part) => [
    names[part],
    Buffer.from(pair[part]).toString('base64'),
  ]);
  const json = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(entries) as Record<string, string>,
  };
  try {
    await withCluster(deps, (client) => client.create(secretType, json, { signal: deps.signal }));
  } catch (error) {
    if (!isKubernetesError((error as Error).cause, 'ALREADY_EXISTS')) throw error;
    const sentence = `The Secret ${namespace}/${name} is there already; choose another name`;
    throw new SigningError('KEY_UNAVAILABLE', sentence, { cause: error });
  }
}

async function readSecret({ namespace, name }: KubernetesReference, deps: KeyDeps): Promise<JsonObject> {
  const { signal } = deps;
  const secret = await withCluster(deps, (client) => client.get(secretType, name, { namespace, signal }));
  if (secret === undefined) {
    throw new SigningError('KEY_UNAVAILABLE', `The cluster has no Secret ${namespace}/${name}; check its name`);
  }
  return asObject(secret['data'] ?? {}, 'data', (what) => new SigningError('KEY_UNAVAILABLE', `${service}: ${what}`));
}

/** The cluster of the kubeconfig's current context, or that this pod runs in. @throws SigningError KEY_UNAVAILABLE */
async function withCluster<Value>(deps: KeyDeps, act: (client: KubernetesClient) => Promise<Value>): Promise<Value> {
  const { env, exec, signal, network } = deps;
  const { clock } = network;
  try {
    const config = await findCluster(
      {},
      {
        env,
        home: homeOf(env),
        clock,
        logger: silentLogger,
        signal,
        readFile: (path) => deps.readFile(path),
        ...(exec === undefined
          ? {}
          : {
              runProgram: async ({ program, args, env: own }) => ({
                kind: 'ended',
                ...(await exec({ program, args, env: own, signal })),
              }),
            }),
      },
    );
    await using client = openKubernetesClient(config, { clock, openNetwork: (changes) => deps.openNetwork(changes) });
    return await act(client);
  } catch (cause) {
    if (!isKubernetesError(cause)) throw cause;
    throw new SigningError('KEY_UNAVAILABLE', `The cluster cannot be asked: ${cause.message}`, { cause });
  }
}
