import { type JsonObject, textList } from '../../../oci/json.ts';
import { SigningError } from '../../error.ts';
import { expectBytes } from '../../key/ask-json.ts';
import { askSurely } from '../../key/ask-surely.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { readFetchedKey } from '../../key/fetched-key.ts';
import { keepFor } from '../../key/keep-for.ts';
import { keyLimits } from '../../key/limits.ts';
import type { SignatureScheme } from '../../key/verification-key.ts';
import type { KmsKey } from '../kms-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import { type AwsIdentity, findAwsIdentity } from '../../../cloud/amazon/identity.ts';
import { partitionOf } from '../../../cloud/amazon/partition.ts';
import { cloudDepsOf } from '../../key/cloud-deps-of.ts';
import { orKeyUnavailable } from '../../key/key-unavailable.ts';
import type { AwsReference } from './reference.ts';
import { signAwsRequest } from '../../../net/sigv4.ts';

const service = 'AWS KMS';

/** What AWS calls each way to sign (API reference, "Sign"), in the order in which they are preferred here. */
const algorithms: Readonly<Record<string, Required<SignatureScheme>>> = {
  ECDSA_SHA_256: { hash: 'sha256', padding: 'pkcs1' },
  ECDSA_SHA_384: { hash: 'sha384', padding: 'pkcs1' },
  ECDSA_SHA_512: { hash: 'sha512', padding: 'pkcs1' },
  RSASSA_PKCS1_V1_5_SHA_256: { hash: 'sha256', padding: 'pkcs1' },
  RSASSA_PKCS1_V1_5_SHA_384: { hash: 'sha384', padding: 'pkcs1' },
  RSASSA_PKCS1_V1_5_SHA_512: { hash: 'sha512', padding: 'pkcs1' },
  RSASSA_PSS_SHA_256: { hash: 'sha256', padding: 'pss' },
  RSASSA_PSS_SHA_384: { hash: 'sha384', padding: 'pss' },
  RSASSA_PSS_SHA_512: { hash: 'sha512', padding: 'pss' },
};

/** Opens a key of AWS KMS. @throws SigningError KEY_UNAVAILABLE */
export async function openAwsKey(reference: AwsReference, deps: KeyDeps): Promise<KmsKey> {
  const identify = keepFor(keyLimits.credentialsMs, deps, () =>
    orKeyUnavailable(findAwsIdentity({ region: reference.region }, cloudDepsOf(deps))),
  );
  const question = { KeyId: reference.keyId };
  const answer = await call(reference, deps, await identify(), 'GetPublicKey', question, 'give the public key');
  const offered = new Set(textList(answer['SigningAlgorithms']));
  const algorithm = Object.keys(algorithms).find((name) => offered.has(name));
  const scheme = algorithms[algorithm ?? ''];
  if (answer['KeyUsage'] !== 'SIGN_VERIFY' || scheme === undefined) {
    throw new SigningError('KEY_UNAVAILABLE', `The key ${reference.keyId} of ${service} is not one that signs here`);
  }
  const read = readFetchedKey(expectBytes(answer, 'PublicKey', service), service);
  const publicKey = { ...read, schemes: [...offered].flatMap((name) => algorithms[name] ?? []) };
  const signer = remoteSigner({
    service,
    publicKey,
    ...scheme,
    async sign(digest, signal) {
      const toSign = {
        ...question,
        Message: Buffer.from(digest).toString('base64'),
        MessageType: 'DIGEST',
        SigningAlgorithm: algorithm,
      };
      const asker = { ...deps, signal: signal ?? deps.signal };
      const signed = await call(reference, asker, await identify(), 'Sign', toSign, 'sign');
      return expectBytes(signed, 'Signature', service);
    },
  });
  return { publicKeys: [publicKey], signer };
}

async function call(
  { endpoint }: AwsReference,
  deps: KeyDeps,
  identity: AwsIdentity,
  action: string,
  question: Readonly<Record<string, unknown>>,
  what: string,
): Promise<JsonObject> {
  const url = endpointOf(endpoint, identity, deps);
  const body = Buffer.from(JSON.stringify(question));
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` };
  const scope = { region: identity.region, service: 'kms', now: deps.now() };
  const signed = signAwsRequest({ method: 'POST', url, headers, body }, identity.credentials, scope);
  const { host: _host, ...sent } = signed;
  return await askSurely(deps, { service, url, headers: sent, body: { bytes: body } }, what);
}

function endpointOf(endpoint: string | undefined, { region }: AwsIdentity, { env, network }: KeyDeps): URL {
  const set = env['AWS_ENDPOINT_URL_KMS'] ?? env['AWS_ENDPOINT_URL'];
  // The secret is not sent, so plain HTTP is for hosts where the user allows it, and for this machine.
  const scheme = endpoint !== undefined && network.plainHttp(endpoint) !== undefined ? 'http' : 'https';
  const address =
    endpoint === undefined
      ? (set ?? `https://kms.${region}.${partitionOf(region).suffix}/`)
      : `${scheme}://${endpoint}/`;
  const url = URL.parse(address);
  if (url !== null && url.pathname === '/' && url.search === '') return url;
  throw new SigningError(
    'KEY_UNAVAILABLE',
    `${service} cannot be asked at an endpoint that is no address with the path /`,
  );
}
