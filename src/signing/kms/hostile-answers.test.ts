import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Api, testKeyDeps } from '../../../testing/key-deps.ts';
import { SigningError } from '../error.ts';
import { parseKeyReference } from '../key/key-reference.ts';
import { loadSigner, loadVerificationKeys } from '../key/load-key.ts';

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const gcpName = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';
const token: Api = () => ({ json: { access_token: 'token' } });
const user = JSON.stringify({ type: 'authorized_user', client_id: 'a', client_secret: 'b', refresh_token: 'c' });
const kubeconfig = JSON.stringify({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://cluster.example' } }],
  users: [{ name: 'u', user: { token: 'token' } }],
});

/** A reference, the host that answers for it, answers that are right, and what else it needs. */
interface Service {
  readonly reference: string;
  readonly host: string;
  readonly answers: readonly object[];
  readonly apis?: Readonly<Record<string, Api>>;
  readonly rest: Parameters<typeof testKeyDeps>[1];
}

const services: readonly Service[] = [
  {
    reference: 'awskms:///alias/x',
    host: 'kms.eu-west-1.amazonaws.com',
    answers: [
      { PublicKey: spki, KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: ['ECDSA_SHA_256'] },
      { Signature: 'AAAA' },
    ],
    rest: { env: { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' } },
  },
  {
    reference: `gcpkms://${gcpName}`,
    host: 'cloudkms.googleapis.com',
    answers: [
      {
        cryptoKeyVersions: [
          { name: `${gcpName}/cryptoKeyVersions/1`, state: 'ENABLED', algorithm: 'EC_SIGN_P256_SHA256' },
        ],
        pem,
        signature: 'AAAA',
      },
    ],
    apis: { 'oauth2.googleapis.com': token },
    rest: { env: { GOOGLE_APPLICATION_CREDENTIALS: '/adc' }, files: { '/adc': user } },
  },
  {
    reference: 'azurekms://team/k',
    host: 'team.vault.azure.net',
    answers: [
      { key: { kid: 'https://team.vault.azure.net/keys/k/1', ...publicKey.export({ format: 'jwk' }) } },
      { value: 'AAAA' },
    ],
    apis: { 'login.microsoftonline.com': token },
    rest: { env: { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_CLIENT_SECRET: 's' } },
  },
  {
    reference: 'hashivault://k',
    host: 'vault.example',
    answers: [
      { data: { latest_version: 1, keys: { 1: { name: 'P-256', public_key: pem } } } },
      { data: { signature: 'vault:v1:AAAA' } },
    ],
    rest: { env: { VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: 'token' } },
  },
  {
    reference: 'k8s://team/k',
    host: 'cluster.example',
    answers: [{ data: { 'cosign.pub': Buffer.from(pem).toString('base64'), 'cosign.key': 'AAAA' } }],
    rest: { env: { KUBECONFIG: '/config' }, files: { '/config': kubeconfig } },
  },
  {
    reference: 'gitlab://team/k',
    host: 'gitlab.com',
    answers: [{ value: pem }],
    rest: { env: { GITLAB_TOKEN: 'token' } },
  },
];

/** Answers that are right but for one value somewhere, and any other JSON. */
function hostile(answers: readonly object[]): fc.Arbitrary<unknown> {
  const spoiled = fc
    .tuple(fc.constantFrom(...answers), fc.nat(12), fc.jsonValue({ maxDepth: 2 }))
    .map(([answer, at, value]) => {
      let left = at;
      return JSON.parse(JSON.stringify(answer), (_key, entry: unknown) => (left-- === 0 ? value : entry)) as unknown;
    });
  return fc.oneof({ weight: 3, arbitrary: spoiled }, { weight: 1, arbitrary: fc.jsonValue() });
}

for (const { reference, host, answers, apis = {}, rest } of services) {
  test(`hostile answers to ${reference.slice(0, 12)}… end in coded errors`, async () => {
    let said: unknown;
    await using deps = await testKeyDeps({ ...apis, [host]: () => ({ json: said }) }, rest);
    const parsed = parseKeyReference(reference);
    await fc.assert(
      fc.asyncProperty(hostile(answers), async (json) => {
        said = json;
        for (const act of [
          () => loadVerificationKeys(parsed, deps),
          async () => (await loadSigner(parsed, deps)).sign(Buffer.from('a message')),
        ]) {
          try {
            await act();
          } catch (error) {
            assert.ok(error instanceof SigningError, String(error));
          }
        }
      }),
      { numRuns: 60 },
    );
  });
}
