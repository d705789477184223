import { createPublicKey } from 'node:crypto';
import { decodeBase64Url } from '../../../codec/base64/decode.ts';
import { asObject, asText, type JsonObject } from '../../../oci/json.ts';
import { SigningError } from '../../error.ts';
import { expectBytes } from '../../key/ask-json.ts';
import { askSurely } from '../../key/ask-surely.ts';
import { encodeEcdsaSignature } from '../../key/ecdsa-encoding.ts';
import { readFetchedKey } from '../../key/fetched-key.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { keepFor } from '../../key/keep-for.ts';
import { keyLimits } from '../../key/limits.ts';
import { defaultHash, type KeyType } from '../../key/key-type.ts';
import type { VerificationKey } from '../../key/verification-key.ts';
import type { KmsKey } from '../kms-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import { keyVaultToken } from './token.ts';
import type { AzureReference } from './reference.ts';

const service = 'Azure Key Vault';
const version = '7.4';

/** RFC 7518, 3.1. RSA keys of any size sign with SHA-256, as everyone verifies who has the public key alone. */
const algorithms: Readonly<Partial<Record<KeyType, string>>> = {
  'ecdsa-p256': 'ES256',
  'ecdsa-p384': 'ES384',
  'ecdsa-p521': 'ES512',
  rsa: 'RS256',
};

/** Opens a key of Azure Key Vault or a managed HSM. @throws SigningError KEY_UNAVAILABLE */
export async function openAzureKey(reference: AzureReference, deps: KeyDeps): Promise<KmsKey> {
  const identify = keepFor(keyLimits.credentialsMs, deps, () => keyVaultToken(reference.resource, deps));
  const path = reference.version === undefined ? reference.key : `${reference.key}/${reference.version}`;
  const answer = await call(reference, deps, await identify(), `/keys/${path}`, 'give the public key');
  const jwk = asObject(answer['key'], 'key', complain);
  const publicKey = withSchemes(readJwk(jwk));
  const algorithm = algorithms[publicKey.type];
  if (algorithm === undefined) throw complain('a key that does not sign here');
  const signing = signingPath(reference, jwk);
  const signer = remoteSigner({
    service,
    publicKey,
    hash: defaultHash[publicKey.type],
    async sign(digest, signal) {
      const json = { alg: algorithm, value: Buffer.from(digest).toString('base64url') };
      const asker = { ...deps, signal: signal ?? deps.signal };
      const signed = await call(reference, asker, await identify(), `${signing}/sign`, 'sign', json);
      const signature = expectBytes(signed, 'value', service, decodeBase64Url);
      return publicKey.type === 'rsa' ? signature : encodeEcdsaSignature(signature);
    },
  });
  return { publicKeys: [publicKey], signer };
}

/** cosign signs with SHA-384 and SHA-512 where an RSA key of Azure has 3,072 and 4,096 bits: that verifies as well. */
function withSchemes(key: VerificationKey): VerificationKey {
  const hash = ({ 3072: 'sha384', 4096: 'sha512' } as const)[key.bits];
  return key.type !== 'rsa' || hash === undefined ? key : { ...key, schemes: [{ hash: 'sha256' }, { hash }] };
}

/** Of the very version whose public key came: another may become the newest in between. */
function signingPath({ host, key }: AzureReference, jwk: JsonObject): string {
  const url = URL.parse(asText(jwk['kid']) ?? '');
  const match = /^\/keys\/([0-9a-zA-Z-]+)\/([0-9a-z]+)$/.exec(url?.pathname ?? '');
  if (match === null || url?.hostname !== host || match[1]?.toLowerCase() !== key.toLowerCase()) {
    throw complain('the id of another key');
  }
  return url.pathname;
}

/** A JSON Web Key (RFC 7518, 6); keys of HSMs have a suffix in their type. */
function readJwk(jwk: JsonObject): VerificationKey {
  const kty = asText(jwk['kty'])?.replace(/-HSM$/, '') ?? '';
  const numbers = Object.fromEntries(['crv', 'x', 'y', 'n', 'e'].map((name) => [name, asText(jwk[name])]));
  let der: Buffer;
  try {
    der = createPublicKey({ key: { kty, ...numbers }, format: 'jwk' }).export({ type: 'spki', format: 'der' });
  } catch (cause) {
    throw new SigningError('KEY_INVALID', `${service} gave a public key that cannot be read`, { cause });
  }
  return readFetchedKey(der, service);
}

async function call(
  { host }: AzureReference,
  deps: KeyDeps,
  token: string,
  path: string,
  what: string,
  json?: Readonly<Record<string, unknown>>,
): Promise<JsonObject> {
  const question = {
    service,
    url: `https://${host}${path}?api-version=${version}`,
    headers: { authorization: `Bearer ${token}` },
    body: json === undefined ? undefined : { json },
  };
  return await askSurely(deps, question, what);
}

function complain(what: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `${service} answered with ${what}`);
}
