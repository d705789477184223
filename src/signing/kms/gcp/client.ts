import { asList, asObject, asText, type JsonObject } from '../../../oci/json.ts';
import { SigningError } from '../../error.ts';
import { expectBytes, expectText } from '../../key/ask-json.ts';
import { askSurely } from '../../key/ask-surely.ts';
import { readFetchedKey } from '../../key/fetched-key.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { keepFor } from '../../key/keep-for.ts';
import { keyLimits } from '../../key/limits.ts';
import type { SignatureScheme, VerificationKey } from '../../key/verification-key.ts';
import type { KmsKey } from '../kms-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import { findGoogleToken } from '../../../cloud/google/identity.ts';
import { cloudDepsOf } from '../../key/cloud-deps-of.ts';
import { orKeyUnavailable } from '../../key/key-unavailable.ts';
import type { GcpReference } from './reference.ts';

const service = 'Google Cloud KMS';
const scope = 'https://www.googleapis.com/auth/cloudkms';
const api = 'https://cloudkms.googleapis.com/v1/';

const ed25519 = 'EC_SIGN_ED25519';
const algorithmPattern = /^(?:EC_SIGN_P\d+|RSA_SIGN_(PKCS1|PSS)_\d+)_SHA(256|384|512)$/;

/** One version of a key, and what Google says that it signs with. */
interface Version {
  readonly name: string;
  readonly scheme: Required<SignatureScheme>;
}

/** Opens a key of Google Cloud KMS, with all of its enabled versions where none is named. @throws SigningError KEY_UNAVAILABLE */
export async function openGcpKey(reference: GcpReference, deps: KeyDeps): Promise<KmsKey> {
  const identify = keepFor(keyLimits.credentialsMs, deps, async () => {
    return (await orKeyUnavailable(findGoogleToken(scope, cloudDepsOf(deps)))).token;
  });
  const token = await identify();
  const versions = await findVersions(reference, token, deps);
  const publicKeys: VerificationKey[] = [];
  for (const { name, scheme } of versions) {
    const answer = await call(deps, token, `${name}/publicKey`, 'give the public key');
    publicKeys.push({ ...readFetchedKey(expectText(answer, 'pem', service), service), schemes: [scheme] });
  }
  const [newest] = versions;
  const [publicKey] = publicKeys;
  if (newest === undefined || publicKey === undefined) {
    throw new SigningError('KEY_UNAVAILABLE', `${service} has no enabled version of ${reference.name} that signs`);
  }
  const signer = remoteSigner({
    service,
    publicKey,
    ...newest.scheme,
    async sign(input, signal) {
      const base64 = Buffer.from(input).toString('base64');
      const json = publicKey.type === 'ed25519' ? { data: base64 } : { digest: { [newest.scheme.hash]: base64 } };
      const asker = { ...deps, signal: signal ?? deps.signal };
      const answer = await call(asker, await identify(), `${newest.name}:asymmetricSign`, 'sign', json);
      return expectBytes(answer, 'signature', service);
    },
  });
  return { publicKeys, signer };
}

/** The newest first, by number: by name, as the service orders them, 10 would stand before 9. */
async function findVersions({ name, version }: GcpReference, token: string, deps: KeyDeps): Promise<Version[]> {
  if (version !== undefined) {
    const path = `${name}/cryptoKeyVersions/${version}`;
    return [versionOf(await call(deps, token, path, 'tell of the key'), path)];
  }
  const found: JsonObject[] = [];
  let page = '';
  for (let pages = 0; ; pages += 1) {
    if (pages === keyLimits.pages) throw unusable(name, 'it has far too many versions');
    const query = new URLSearchParams({ filter: 'state=ENABLED', pageSize: String(keyLimits.versions) });
    if (page !== '') query.set('pageToken', page);
    const answer = await call(
      deps,
      token,
      `${name}/cryptoKeyVersions?${query.toString()}`,
      'list the versions of the key',
    );
    const complain = (what: string): SigningError => unusable(name, what);
    for (const entry of asList(answer['cryptoKeyVersions'], 'cryptoKeyVersions', 1000, complain)) {
      found.push(asObject(entry, 'a version', complain));
    }
    page = asText(answer['nextPageToken']) ?? '';
    if (page === '') break;
  }
  const own = found.filter((document) => asText(document['name'])?.startsWith(`${name}/`) === true);
  const [newest, ...older] = own.toSorted((a, b) => numberOf(b) - numberOf(a)).slice(0, keyLimits.versions);
  if (newest === undefined) return [];
  // Versions of a key may differ in their algorithm: older ones of which no signature verifies here are left out.
  return [versionOf(newest, name), ...older.filter(isKnown).map((document) => versionOf(document, name))];
}

function numberOf({ name }: JsonObject): number {
  return Number(/\/(\d{1,10})$/.exec(asText(name) ?? '')?.[1] ?? -1);
}

function isKnown({ algorithm }: JsonObject): boolean {
  return algorithm === ed25519 || algorithmPattern.test(asText(algorithm) ?? '');
}

/** Reads `algorithm` (Cloud KMS documentation, "CryptoKeyVersionAlgorithm"). */
function versionOf(document: JsonObject, asked: string): Version {
  const name = asText(document['name']) ?? '';
  if (!/^(?:[\w:.-]+\/)+cryptoKeyVersions\/\d{1,10}$/.test(name)) throw unusable(asked, 'its version has no name');
  if (document['state'] !== 'ENABLED') throw unusable(name, 'it is not enabled');
  const algorithm = asText(document['algorithm']) ?? '';
  const [, padding, bits] = algorithmPattern.exec(algorithm) ?? [];
  if (algorithm === ed25519) return { name, scheme: { hash: 'sha512', padding: 'pkcs1' } };
  if (bits === undefined) throw unusable(name, 'it is not one that signs here');
  const hash = `sha${bits}` as 'sha256' | 'sha384' | 'sha512';
  return { name, scheme: { hash, padding: padding === 'PSS' ? 'pss' : 'pkcs1' } };
}

async function call(
  deps: KeyDeps,
  token: string,
  path: string,
  what: string,
  json?: Readonly<Record<string, unknown>>,
): Promise<JsonObject> {
  const question = {
    service,
    url: `${api}${path}`,
    headers: { authorization: `Bearer ${token}` },
    body: json === undefined ? undefined : { json },
  };
  return await askSurely(deps, question, what);
}

function unusable(name: string, why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `The key ${name} of ${service} cannot be used: ${why}`);
}
