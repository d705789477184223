import { join } from 'node:path';
import { decodeBase64 } from '../../../codec/base64/decode.ts';
import { derBitString, derOid, derSequence } from '../../../codec/der/write.ts';
import { asObject, asText, type JsonObject } from '../../../oci/json.ts';
import { SigningError } from '../../error.ts';
import { expectBytes } from '../../key/ask-json.ts';
import { askSurely } from '../../key/ask-surely.ts';
import { readFetchedKey } from '../../key/fetched-key.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { defaultHash } from '../../key/key-type.ts';
import { keyLimits } from '../../key/limits.ts';
import { homeOf } from '../../../cloud/read-files.ts';
import { readOptional } from '../../key/read-files.ts';
import type { VerificationKey } from '../../key/verification-key.ts';
import type { KmsKey } from '../kms-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import type { VaultReference } from './reference.ts';

/** Where the server is and who asks. */
interface Server {
  readonly service: string;
  readonly address: string;
  readonly engine: string;
  readonly headers: Readonly<Record<string, string>>;
}

const hashNames = { sha256: 'sha2-256', sha384: 'sha2-384', sha512: 'sha2-512' } as const;

/**
 * Opens a key of the transit engine of Vault or OpenBao. After a rotation its older versions still verify what they signed
 * (sigstore/cosign issue 1351), unless the server was told to forget them.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function openVaultKey(reference: VaultReference, deps: KeyDeps): Promise<KmsKey> {
  const server = await findServer(reference, deps);
  const { service } = server;
  const data = await call(server, deps, `keys/${reference.key}`, 'give the public key');
  const versions = readVersions(data, service);
  const newest = versions.find(({ number }) => number === data['latest_version']);
  if (newest === undefined) throw complain(service, 'without the newest version of the key');
  const { key: publicKey, number } = newest;
  const hash = defaultHash[publicKey.type];
  const signer = remoteSigner({
    service,
    publicKey,
    hash,
    async sign(input, signal) {
      const pure = publicKey.type === 'ed25519';
      const path = pure ? `sign/${reference.key}` : `sign/${reference.key}/${hashNames[hash]}`;
      const json = {
        input: Buffer.from(input).toString('base64'),
        prehashed: !pure,
        key_version: number,
        ...(publicKey.type === 'rsa' ? { signature_algorithm: 'pkcs1v15' } : {}),
        ...(publicKey.type.startsWith('ecdsa') ? { marshaling_algorithm: 'asn1' } : {}),
      };
      const answer = await call(server, { ...deps, signal: signal ?? deps.signal }, path, 'sign', json);
      return expectBytes(answer, 'signature', service, (text) => decodeSignature(text, number));
    },
  });
  return { publicKeys: versions.map(({ key }) => key), signer };
}

interface Version {
  readonly number: number;
  readonly key: VerificationKey;
}

function readVersions(data: JsonObject, service: string): Version[] {
  const keys = asObject(data['keys'], 'keys', (what) => complain(service, `with keys of another kind (${what})`));
  const numbers = Object.keys(keys)
    .filter((name) => /^[1-9]\d{0,8}$/.test(name))
    .map(Number)
    .toSorted((a, b) => b - a);
  return numbers.slice(0, keyLimits.versions).map((number) => {
    // A key that encrypts, such as the default of the engine, has a time where others have an object.
    const version = asObject(keys[number], 'a version', () => complain(service, 'with a key that does not sign'));
    return { number, key: readKey(version, service) };
  });
}

/** Ed25519 keys come as base64 of the point, others as PEM. */
function readKey(version: JsonObject, service: string): VerificationKey {
  const text = asText(version['public_key']);
  if (text === undefined) throw complain(service, 'with a key that does not sign');
  if (version['name'] !== 'ed25519') return readFetchedKey(text, service);
  const point = expectBytes(version, 'public_key', service);
  return readFetchedKey(derSequence(derSequence(derOid('1.3.101.112')), derBitString(point)), service);
}

/** `vault:v3:BASE64`: the version must be the one asked for. */
function decodeSignature(text: string, number: number): Buffer {
  const prefix = `vault:v${number}:`;
  return decodeBase64(text.startsWith(prefix) ? text.slice(prefix.length) : '-');
}

async function findServer({ flavor }: VaultReference, deps: KeyDeps): Promise<Server> {
  const service = flavor === 'vault' ? 'Vault' : 'OpenBao';
  // OpenBao reads the names of Vault where its own are not set.
  const prefixes = flavor === 'vault' ? ['VAULT'] : ['BAO', 'VAULT'];
  const setting = (name: string): string | undefined =>
    prefixes.map((prefix) => deps.env[`${prefix}_${name}`]).find((value) => value !== undefined && value !== '');
  const address = URL.parse(setting('ADDR') ?? '');
  if (address === null || (address.protocol !== 'https:' && address.protocol !== 'http:')) {
    throw unavailable(service, `set ${prefixes[0]}_ADDR to its address`);
  }
  const token = setting('TOKEN') ?? (await tokenFromFile(flavor, deps));
  if (token === undefined || !/^[\x21-\x7e]{1,8192}$/.test(token)) {
    throw unavailable(service, `set ${prefixes[0]}_TOKEN, or log in`);
  }
  const namespace = setting('NAMESPACE');
  if (namespace !== undefined && !/^[\x21-\x7e]{1,1024}$/.test(namespace))
    throw unavailable(service, 'its namespace is none');
  const engine = (deps.env['TRANSIT_SECRET_ENGINE_PATH'] ?? 'transit').replaceAll(/^\/+|\/+$/g, '');
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(engine) || engine.split('/').some((step) => /^\.+$/.test(step))) {
    throw unavailable(service, 'TRANSIT_SECRET_ENGINE_PATH is no path of an engine');
  }
  return {
    service,
    address: `${address.origin}${address.pathname.replace(/\/+$/, '')}`,
    engine,
    headers: {
      // Not as X-Vault-Token, which would go along where a redirect leads.
      authorization: `Bearer ${token}`,
      'x-vault-request': 'true',
      ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
    },
  };
}

async function tokenFromFile(flavor: VaultReference['flavor'], deps: KeyDeps): Promise<string | undefined> {
  const home = homeOf(deps.env);
  if (home === undefined) return undefined;
  const names = flavor === 'vault' ? ['.vault-token'] : ['.bao-token', '.vault-token'];
  for (const name of names) {
    const token = (await readOptional(deps, join(home, name))).trim();
    if (token !== '') return token;
  }
  return undefined;
}

async function call(
  { service, address, engine, headers }: Server,
  deps: KeyDeps,
  path: string,
  what: string,
  json?: Readonly<Record<string, unknown>>,
): Promise<JsonObject> {
  const question = {
    service,
    url: `${address}/v1/${engine}/${path}`,
    headers,
    body: json === undefined ? undefined : { json },
  };
  return asObject((await askSurely(deps, question, what))['data'], 'data', () => complain(service, 'without data'));
}

function complain(service: string, what: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `${service} answered ${what}`);
}

function unavailable(service: string, why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `${service} cannot be asked: ${why}`);
}
