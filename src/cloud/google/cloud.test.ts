import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { test } from 'node:test';
import { type Api, testKeyDeps } from '../../../testing/key-deps.ts';
import { CloudError, type CloudErrorCode } from '../error.ts';
import { cloudLimits } from '../limits.ts';
import type { RegistryToken } from '../registry-token.ts';
import { google } from './cloud.ts';

const host = 'europe-west1-docker.pkg.dev';
const now = new Date('2026-01-02T03:04:05.678Z');
const scope = 'https://www.googleapis.com/auth/cloud-platform';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const account = {
  type: 'service_account',
  private_key_id: 'id',
  client_email: 'a@project.iam.gserviceaccount.com',
  private_key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
};
const user = { type: 'authorized_user', client_id: 'id', client_secret: 'secret-shhh', refresh_token: 'refresh-shhh' };
const federated = {
  type: 'external_account',
  audience: '//iam.googleapis.com/pool',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  service_account_impersonation_url: 'https://iamcredentials.googleapis.com/v1/a:generateAccessToken',
  credential_source: { file: '/jwt' },
};

type Rest = Parameters<typeof testKeyDeps>[1] & object;

const metadata: Api = ({ path, headers }) =>
  headers['metadata-flavor'] === 'Google' && path.endsWith('/instance/service-accounts/default/token')
    ? { json: { access_token: 'ya29.shhh', expires_in: 1800 }, headers: { 'metadata-flavor': 'Google' } }
    : { status: 403 };

const oauth: Api = ({ body }) => {
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  const [head = '', claims = '', signature = ''] = (form['assertion'] ?? '').split('.');
  const signed = verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'));
  const said = signed ? (JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>) : {};
  const isAccount = said['scope'] === scope && said['aud'] === 'https://oauth2.googleapis.com/token';
  const isUser = form['refresh_token'] === 'refresh-shhh' && form['client_secret'] === 'secret-shhh';
  if (isAccount || isUser) return { json: { access_token: 'ya29.shhh', expires_in: 3600 } };
  return { status: 400, json: { error: 'invalid_grant', error_description: 'shhh' } };
};

const federation: Readonly<Record<string, Api>> = {
  'sts.googleapis.com': ({ body }) =>
    new URLSearchParams(body.toString()).get('subject_token') === 'jwt'
      ? { json: { access_token: 'federated', expires_in: 3600 } }
      : { status: 400, json: { error: 'invalid_grant' } },
  'iamcredentials.googleapis.com': ({ headers }) =>
    headers['authorization'] === 'Bearer federated'
      ? { json: { accessToken: 'ya29.shhh', expireTime: '2026-01-02T03:34:05Z' } }
      : { status: 403 },
};

function file(document: object, more: Readonly<Record<string, string>> = {}): Rest {
  return { env: { GOOGLE_APPLICATION_CREDENTIALS: '/f' }, files: { '/f': JSON.stringify(document), ...more } };
}

async function ask(apis: Readonly<Record<string, Api>>, rest: Rest = {}): Promise<RegistryToken | undefined> {
  await using deps = await testKeyDeps(apis, rest);
  return await google.open(deps)(host, undefined);
}

const gcloud = '/h/.config/gcloud/application_default_credentials.json';

const places: readonly (readonly [place: string, apis: Record<string, Api>, rest: Rest, seconds: number])[] = [
  ['the metadata service', { 'metadata.google.internal': metadata }, { env: { HOME: '/h' } }, 1800],
  [
    'a metadata service that is named',
    { '127.0.0.1:8': metadata },
    { env: { GCE_METADATA_HOST: '127.0.0.1:8' } },
    1800,
  ],
  ['a service account', { 'oauth2.googleapis.com': oauth }, file(account), 3600],
  ['a user', { 'oauth2.googleapis.com': oauth }, file(user), 3600],
  [
    'what gcloud keeps',
    { 'oauth2.googleapis.com': oauth },
    { env: { HOME: '/h' }, files: { [gcloud]: JSON.stringify(user) } },
    3600,
  ],
  ['a federated workload', federation, file(federated, { '/jwt': 'jwt\n' }), 1799.322],
];

for (const [place, apis, rest, seconds] of places) {
  test(`tokens come of ${place}`, async () => {
    assert.deepEqual(await ask(apis, rest), {
      username: 'oauth2accesstoken',
      password: 'ya29.shhh',
      expiresAt: now.getTime() + seconds * 1000,
    });
  });
}

test('one token serves all registries of Google, and goes to no other host', async () => {
  await using deps = await testKeyDeps({ 'metadata.google.internal': metadata });
  const find = google.open(deps);
  const hosts = ['gcr.io', 'eu.gcr.io', host, 'us-docker.pkg.dev'];
  const found = await Promise.all([...hosts, ...hosts].map((each) => find(each, undefined)));
  assert.ok(found.every((each) => each?.password === 'ya29.shhh'));
  assert.equal(deps.asked.length, 1);
  for (const other of ['gcr.io.evil.tld', `${host}:5000`, 'public.ecr.aws']) {
    assert.equal(await find(other, undefined), undefined);
  }
});

test('a token of a workload is read anew each time', async () => {
  const world = { now: now.getTime(), token: 'jwt' };
  const { env } = file(federated);
  await using deps = await testKeyDeps(federation, {
    env: env ?? {},
    now: () => new Date(world.now),
    readFile: (path) => Promise.resolve(Buffer.from(path === '/jwt' ? world.token : JSON.stringify(federated))),
  });
  const find = google.open(deps);
  await find(host, undefined);
  world.token = 'wrong';
  await find(host, undefined);
  world.now += 3_600_000;
  await assert.rejects(find(host, undefined), /invalid_grant/);
});

test('it is told why there is no token, and no secret with it', async () => {
  const url = { ...federated, credential_source: { url: 'https://ci.example/' } };
  const ci = (status: number, headers = {}): Record<string, Api> => ({
    ...federation,
    'ci.example': () => ({ status, headers }),
  });
  const other: Api = () => ({ json: { access_token: 'shhh' } });
  const cases: readonly (readonly [Record<string, Api>, Rest, CloudErrorCode, RegExp])[] = [
    [{}, {}, 'CREDENTIALS_ABSENT', /no credentials were found.*service account/],
    // Whoever answers to that name and is not Google's.
    [{ 'metadata.google.internal': other }, {}, 'CREDENTIALS_ABSENT', /no credentials were found/],
    [{ 'metadata.google.internal': () => ({ status: 503 }) }, {}, 'SERVICE_UNAVAILABLE', /503; try again/],
    [{}, { env: { GCE_METADATA_HOST: 'a/b?c' } }, 'CREDENTIALS_INVALID', /no host/],
    [{}, { env: { GOOGLE_APPLICATION_CREDENTIALS: '/none' } }, 'CREDENTIALS_INVALID', /\/none is not there/],
    [{}, file({ type: 'impersonated_service_account' }), 'CREDENTIALS_INVALID', /not followed/],
    [{}, file({ ...account, private_key: 'shhh' }), 'CREDENTIALS_INVALID', /private key .* cannot be read/],
    [{ 'oauth2.googleapis.com': oauth }, file({ ...user, refresh_token: 'shhh' }), 'SERVICE_REFUSED', /invalid_grant/],
    [
      federation,
      file({ ...federated, token_url: 'https://evil.example/' }, { '/jwt': 'jwt' }),
      'CREDENTIALS_INVALID',
      /none of Google/,
    ],
    [
      federation,
      file({ ...federated, token_url: 'https://sts.googleapis.com.evil.example/' }, { '/jwt': 'jwt' }),
      'CREDENTIALS_INVALID',
      /token_url .* none of Google/,
    ],
    [
      federation,
      file(
        { ...federated, service_account_impersonation_url: 'http://iamcredentials.googleapis.com/' },
        { '/jwt': 'jwt' },
      ),
      'CREDENTIALS_INVALID',
      /impersonation_url .* none of Google/,
    ],
    [federation, file({ ...federated, credential_source: { executable: {} } }), 'CREDENTIALS_INVALID', /not followed/],
    [ci(302, { location: 'http://127.0.0.1:9/' }), file(url), 'CREDENTIALS_INVALID', /status 302/],
    [ci(500), file(url), 'CREDENTIALS_INVALID', /status 500/],
  ];
  for (const [apis, rest, code, sentence] of cases) {
    await assert.rejects(ask(apis, rest), (error) => {
      assert.ok(error instanceof CloudError, String(error));
      assert.match(error.message, sentence);
      assert.equal(error.code, code);
      assert.ok(!error.message.includes('shhh'));
      return true;
    });
  }
  const short: Api = () => ({ json: { access_token: 'x', expires_in: -5 }, headers: { 'metadata-flavor': 'Google' } });
  const found = await ask({ 'metadata.google.internal': short });
  assert.equal(found?.expiresAt, now.getTime() + cloudLimits.shortest);
});
