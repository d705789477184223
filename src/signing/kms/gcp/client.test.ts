import assert from 'node:assert/strict';
import { constants, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { type Api, testKeyDeps } from '../../../../testing/key-deps.ts';
import { SigningError } from '../../error.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import { openGcpKey } from './client.ts';
import { parseGcpReference } from './reference.ts';

const name = 'projects/p/locations/global/keyRings/r/cryptoKeys/k';
const message = Buffer.from('a message');
const account = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

interface FakeVersion {
  readonly algorithm: string;
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly state?: string;
}

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ed = generateKeyPairSync('ed25519');

/** Cloud KMS, two versions a page. */
function kms(versions: Readonly<Record<string, FakeVersion>>, token = 'ya29.token'): Api {
  const documents = Object.entries(versions).map(([number, { algorithm, state = 'ENABLED' }]) => ({
    name: `${name}/cryptoKeyVersions/${number}`,
    algorithm,
    state,
  }));
  return ({ method, path, headers, body }) => {
    if (headers['authorization'] !== `Bearer ${token}`)
      return { status: 401, json: { error: { status: 'UNAUTHENTICATED' } } };
    const url = new URL(path, 'http://x');
    if (url.pathname === `/v1/${name}/cryptoKeyVersions`) {
      assert.equal(url.searchParams.get('filter'), 'state=ENABLED');
      const start = Number(url.searchParams.get('pageToken') ?? 0);
      const enabled = documents.filter(({ state }) => state === 'ENABLED');
      const next = start + 2 < enabled.length ? { nextPageToken: String(start + 2) } : {};
      return { json: { cryptoKeyVersions: enabled.slice(start, start + 2), ...next } };
    }
    const [, number = '', action] = /^\/v1\/.*\/cryptoKeyVersions\/(\d+)(.*)$/.exec(url.pathname) ?? [];
    const version = versions[number];
    if (version === undefined) return { status: 404, json: { error: { status: 'NOT_FOUND' } } };
    if (action === '') return { json: documents.find((one) => one.name.endsWith(`/${number}`)) };
    if (action === '/publicKey') {
      return { json: { pem: String(version.pair.publicKey.export({ type: 'spki', format: 'pem' })) } };
    }
    assert.equal(`${method} ${action}`, 'POST :asymmetricSign');
    return { json: { signature: signFor(version, body).toString('base64') } };
  };
}

function signFor({ algorithm, pair }: FakeVersion, body: Buffer): Buffer {
  const question = JSON.parse(body.toString()) as { data?: string; digest?: Record<string, string> };
  if (algorithm === 'EC_SIGN_ED25519') return sign(null, Buffer.from(question.data ?? '', 'base64'), pair.privateKey);
  const hash = Object.keys(question.digest ?? {})[0] ?? '';
  assert.ok(algorithm.endsWith(hash.toUpperCase()));
  const padding = algorithm.includes('PSS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return sign(hash, message, { key: pair.privateKey, padding });
}

const serviceAccount = JSON.stringify({
  type: 'service_account',
  client_email: 'robot@p.iam.gserviceaccount.com',
  private_key_id: 'key-1',
  private_key: pem(account.privateKey),
});

/** Google's token endpoint for service accounts: checks the assertion. */
const oauth: Api = ({ body }) => {
  const { grant_type: type, assertion = '' } = Object.fromEntries(new URLSearchParams(body.toString()));
  assert.equal(type, 'urn:ietf:params:oauth:grant-type:jwt-bearer');
  const [header = '', claims = '', signature = ''] = assertion.split('.');
  const key = createPublicKey(account.privateKey);
  assert.ok(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url')));
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
  const iat = Math.floor(Date.parse('2026-01-02T03:04:05Z') / 1000);
  assert.deepEqual(said, {
    iss: 'robot@p.iam.gserviceaccount.com',
    scope: 'https://www.googleapis.com/auth/cloudkms',
    aud: 'https://oauth2.googleapis.com/token',
    iat,
    exp: iat + 3600,
  });
  return { json: { access_token: 'ya29.token', expires_in: 3599, token_type: 'Bearer' } };
};

const adc = { env: { GOOGLE_APPLICATION_CREDENTIALS: '/adc.json' }, files: { '/adc.json': serviceAccount } };
const hosts = (versions: Readonly<Record<string, FakeVersion>>): Record<string, Api> => ({
  'cloudkms.googleapis.com': kms(versions),
  'oauth2.googleapis.com': oauth,
});

async function fails(act: Promise<unknown>, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError && error.code === 'KEY_UNAVAILABLE', String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /PRIVATE KEY|ya29|shhh/);
    return true;
  });
}

test('parseGcpReference() reads keys with and without a version', () => {
  assert.deepEqual(parseGcpReference(`gcpkms://${name}`), { provider: 'gcp', name });
  for (const word of ['versions', 'cryptoKeyVersions']) {
    assert.deepEqual(parseGcpReference(`gcpkms://${name}/${word}/12`), { provider: 'gcp', name, version: '12' });
  }
  assert.equal(
    parseGcpReference(`gcpkms://${name.replace('/p/', '/example.com:p/')}`).name.includes('example.com:p'),
    true,
  );
  for (const text of [
    'gcpkms://',
    `gcpkms://${name}/versions/0`,
    `gcpkms://${name}/versions/x`,
    `gcpkms://${name}/`,
    `gcpkms://${name.replace('/p/', '/../')}`,
    `gcpkms://${name}?alt=media`,
    `gcpkms://${name}#x`,
    `gcpkms://${name.replace('global', 'a b')}`,
  ]) {
    assert.throws(() => parseGcpReference(text), { code: 'KEY_REFERENCE_INVALID' }, text);
  }
});

test('openGcpKey() signs with each kind of key', async () => {
  for (const [algorithm, pair, hash] of [
    ['EC_SIGN_P256_SHA256', p256, 'sha256'],
    ['EC_SIGN_P384_SHA384', p384, 'sha384'],
    ['RSA_SIGN_PKCS1_4096_SHA512', rsa, 'sha512'],
    ['RSA_SIGN_PSS_2048_SHA256', rsa, 'sha256'],
    ['EC_SIGN_ED25519', ed, 'sha512'],
  ] as const) {
    await using deps = await testKeyDeps(hosts({ 3: { algorithm, pair } }), adc);
    const { signer } = await openGcpKey(parseGcpReference(`gcpkms://${name}/versions/3`), deps);
    assert.equal(signer.hash, hash, algorithm);
    assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)), algorithm);
  }
});

test('openGcpKey() takes all enabled versions, and signs with the newest by number', async () => {
  const version = (pair: FakeVersion['pair'], state?: string): FakeVersion => ({
    algorithm: pair === p384 ? 'EC_SIGN_P384_SHA384' : 'EC_SIGN_P256_SHA256',
    pair,
    ...(state === undefined ? {} : { state }),
  });
  const unknown = { algorithm: 'EC_SIGN_SECP256K1_SHA256', pair: p256 };
  const versions = { 1: version(p256), 3: unknown, 2: version(p256, 'DESTROYED'), 9: version(p256), 10: version(p384) };
  await using deps = await testKeyDeps(hosts(versions), adc);
  const { publicKeys, signer } = await openGcpKey(parseGcpReference(`gcpkms://${name}`), deps);
  assert.deepEqual(
    publicKeys.map(({ type }) => type),
    ['ecdsa-p384', 'ecdsa-p256', 'ecdsa-p256'],
  );
  assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
  assert.ok(deps.asked.at(-1)?.path.endsWith('/cryptoKeyVersions/10:asymmetricSign'));
});

test('openGcpKey() refuses keys that cannot be used', async () => {
  const good = { algorithm: 'EC_SIGN_P256_SHA256', pair: p256 };
  for (const [versions, version, sentence] of [
    [{}, '', /no enabled version/],
    [{ 1: good }, '/versions/2', /NOT_FOUND; check the name/],
    [{ 1: { ...good, state: 'DISABLED' } }, '/versions/1', /not enabled/],
    [{ 1: { ...good, algorithm: 'RSA_DECRYPT_OAEP_2048_SHA256' } }, '', /not one that signs/],
    [{ 1: { ...good, algorithm: 'EC_SIGN_SECP256K1_SHA256' } }, '', /not one that signs/],
  ] as const) {
    await using deps = await testKeyDeps(hosts(versions), adc);
    await fails(openGcpKey(parseGcpReference(`gcpkms://${name}${version}`), deps), sentence);
  }
  const answers: readonly (readonly [unknown, RegExp])[] = [
    [
      {
        cryptoKeyVersions: [
          { name: `${name}/cryptoKeyVersions/x`, state: 'ENABLED', algorithm: 'EC_SIGN_P256_SHA256' },
        ],
      },
      /has no name/,
    ],
    [
      {
        cryptoKeyVersions: [
          { name: 'projects/q/cryptoKeyVersions/1', state: 'ENABLED', algorithm: 'EC_SIGN_P256_SHA256' },
        ],
      },
      /no enabled version/,
    ],
    [{ cryptoKeyVersions: Array.from({ length: 1001 }, () => ({})) }, /1001 entries/],
    [{ cryptoKeyVersions: 5 }, /not a list/],
  ];
  for (const [json, sentence] of answers) {
    await using deps = await testKeyDeps({ ...hosts({}), 'cloudkms.googleapis.com': () => ({ json }) }, adc);
    await fails(openGcpKey(parseGcpReference(`gcpkms://${name}`), deps), sentence);
  }
  for (const cryptoKeyVersions of [[], Array.from({ length: 1000 }, () => ({}))]) {
    let pages = 0;
    const endless: Api = () => {
      pages += 1;
      return { json: { cryptoKeyVersions, nextPageToken: 'more' } };
    };
    await using deps = await testKeyDeps({ ...hosts({}), 'cloudkms.googleapis.com': endless }, adc);
    await fails(openGcpKey(parseGcpReference(`gcpkms://${name}`), deps), /far too many versions/);
    assert.equal(pages, 20);
  }
});

test('openGcpKey() finds credentials where Google keeps them', async () => {
  const versions = { 1: { algorithm: 'EC_SIGN_P256_SHA256', pair: p256 } };
  const user = { type: 'authorized_user', client_id: 'id', client_secret: 'shhh', refresh_token: 'refresh' };
  const refresh: Api = ({ body }) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    assert.deepEqual(form, {
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 'shhh',
      refresh_token: 'refresh',
    });
    return { json: { access_token: 'ya29.token' } };
  };
  const metadata: Api = ({ path, headers }) => {
    assert.equal(headers['metadata-flavor'], 'Google');
    assert.equal(path, '/computeMetadata/v1/instance/service-accounts/default/token');
    return { json: { access_token: 'ya29.token', expires_in: 100 }, headers: { 'metadata-flavor': 'Google' } };
  };
  const federated = {
    type: 'external_account',
    audience: '//iam.googleapis.com/pool',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url: 'https://iamcredentials.googleapis.com/v1/x:generateAccessToken',
    credential_source: {
      url: 'https://ci.example/token',
      headers: { authorization: 'bearer ci' },
      format: { type: 'json', subject_token_field_name: 'value' },
    },
  };
  const federation: Record<string, Api> = {
    'ci.example': ({ headers }) =>
      headers['authorization'] === 'bearer ci' ? { json: { value: 'subject' } } : { status: 401 },
    'sts.googleapis.com': ({ body }) => {
      assert.equal(new URLSearchParams(body.toString()).get('subject_token'), 'subject');
      return { json: { access_token: 'federated' } };
    },
    'iamcredentials.googleapis.com': ({ headers }) =>
      headers['authorization'] === 'Bearer federated' ? { json: { accessToken: 'ya29.token' } } : { status: 403 },
  };
  const gcloud = '/home/.config/gcloud/application_default_credentials.json';
  type Case = readonly [string, Record<string, Api>, Parameters<typeof testKeyDeps>[1]];
  const cases: readonly Case[] = [
    [
      'gcloud',
      { 'oauth2.googleapis.com': refresh },
      { env: { HOME: '/home' }, files: { [gcloud]: JSON.stringify(user) } },
    ],
    ['metadata', { 'metadata.google.internal': metadata }, { env: { HOME: '/home' } }],
    [
      'federation',
      federation,
      { env: { GOOGLE_APPLICATION_CREDENTIALS: '/f' }, files: { '/f': JSON.stringify(federated) } },
    ],
    [
      'federation by file',
      federation,
      {
        env: { GOOGLE_APPLICATION_CREDENTIALS: '/f' },
        files: { '/f': JSON.stringify({ ...federated, credential_source: { file: '/t' } }), '/t': 'subject\n' },
      },
    ],
  ];
  for (const [, apis, rest] of cases) {
    await using deps = await testKeyDeps({ 'cloudkms.googleapis.com': kms(versions), ...apis }, rest);
    assert.equal((await openGcpKey(parseGcpReference(`gcpkms://${name}`), deps)).publicKeys.length, 1);
  }
});

test('openGcpKey() says why there are no credentials, and tells no secret', async () => {
  const file = (content: unknown): Parameters<typeof testKeyDeps>[1] => ({
    env: { GOOGLE_APPLICATION_CREDENTIALS: '/f' },
    files: { '/f': typeof content === 'string' ? content : JSON.stringify(content) },
  });
  for (const [rest, sentence] of [
    [{ env: { HOME: '/home' } }, /no credentials were found/],
    [{ env: { GOOGLE_APPLICATION_CREDENTIALS: '/none' } }, /\/none is not there/],
    [file('shhh'), /no JSON object/],
    [file({ type: 'gdch_service_account' }), /type that is not followed/],
    [file({ type: 'service_account', private_key: 'shhh' }), /no private_key_id/],
    [file({ ...(JSON.parse(serviceAccount) as object), private_key: 'shhh' }), /private key of the credentials file/],
    [
      file({
        type: 'external_account',
        credential_source: { environment_id: 'aws1' },
        audience: 'a',
        subject_token_type: 't',
      }),
      /not followed/,
    ],
  ] as const) {
    await using deps = await testKeyDeps(hosts({}), rest);
    await fails(openGcpKey(parseGcpReference(`gcpkms://${name}`), deps), sentence);
  }
  const odd: Record<string, Api> = {
    ...hosts({}),
    'oauth2.googleapis.com': () => ({ json: { access_token: 'a\r\nb' } }),
  };
  await using deps = await testKeyDeps(odd, adc);
  await fails(openGcpKey(parseGcpReference(`gcpkms://${name}`), deps), /no usable token/);
});
