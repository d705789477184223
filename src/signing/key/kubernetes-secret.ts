import { asObject, type JsonObject } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import { askJson, expectBytes, expectOk, type JsonAnswer, type JsonQuestion } from './ask-json.ts';
import type { KeyDeps } from './key-deps.ts';
import type { KubernetesReference } from './key-reference.ts';
import { findKubernetes } from './kubernetes-access.ts';
import type { StoredKeyPair } from './stored-key-pair.ts';

const service = 'The cluster';

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
  const answer = await ask(deps, `/api/v1/namespaces/${namespace}/secrets`, { body: { json }, idempotent: false });
  if (answer.status === 409) {
    throw new SigningError('KEY_UNAVAILABLE', `The Secret ${namespace}/${name} is there already; choose another name`);
  }
  expectOk(answer, service, `keep the Secret ${namespace}/${name}`);
}

async function readSecret({ namespace, name }: KubernetesReference, deps: KeyDeps): Promise<JsonObject> {
  const answer = await ask(deps, `/api/v1/namespaces/${namespace}/secrets/${name}`);
  const document = expectOk(answer, service, `give the Secret ${namespace}/${name}`);
  return asObject(document['data'] ?? {}, 'data', (what) => new SigningError('KEY_UNAVAILABLE', `${service}: ${what}`));
}

async function ask(
  deps: KeyDeps,
  path: string,
  question: Pick<JsonQuestion, 'body' | 'idempotent'> = {},
): Promise<JsonAnswer> {
  const { server, tls, headers } = await findKubernetes(deps);
  await using network = deps.openNetwork({ tls });
  return await askJson(network, { service, url: `${server}${path}`, headers, signal: deps.signal, ...question });
}
