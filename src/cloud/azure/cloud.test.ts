import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Api, type ApiAnswer, testKeyDeps } from '../../../testing/key-deps.ts';
import { CloudError, type CloudErrorCode } from '../error.ts';
import { cloudLimits } from '../limits.ts';
import type { RegistryToken } from '../registry-token.ts';
import { azure } from './cloud.ts';

const host = 'myteam.azurecr.io';
const entra = 'login.microsoftonline.com';
const now = new Date('2026-01-02T03:04:05.678Z');
const ends = Math.floor(now.getTime() / 1000) + 10_800;
const token = { access_token: 'entra-shhh', expires_in: 3599 };
const refresh = `e30.${Buffer.from(JSON.stringify({ exp: ends })).toString('base64url')}.shhh`;
const client = { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client' };
const secret = { ...client, AZURE_CLIENT_SECRET: 'secret-shhh' };
const workload = { ...client, AZURE_FEDERATED_TOKEN_FILE: '/jwt' };

type Rest = Parameters<typeof testKeyDeps>[1];

/** The registry: a refresh token for the token of Entra, asked for as itself. */
function registry(name = host, answer: ApiAnswer = { json: { refresh_token: refresh } }): Api {
  return ({ method, path, body }) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    assert.equal(`${method} ${path}`, 'POST /oauth2/exchange');
    assert.deepEqual(form, { grant_type: 'access_token', service: name, access_token: 'entra-shhh' });
    return answer;
  };
}

/** Entra: what it is asked for must be tokens for registries. */
const tenant: Api = ({ path, body }) => {
  const form = Object.fromEntries(new URLSearchParams(body.toString()));
  assert.equal(path, '/tenant/oauth2/v2.0/token');
  assert.equal(form['scope'], 'https://containerregistry.azure.net/.default');
  const known = form['client_secret'] === 'secret-shhh' || form['client_assertion'] === 'jwt';
  return known && form['client_id'] === 'client'
    ? { json: token }
    : { status: 401, json: { error: 'invalid_client', error_description: 'shhh' } };
};

const instance: Api = ({ path, headers }) => {
  const { searchParams } = new URL(path, 'http://x');
  if (headers['metadata'] !== 'true') return { status: 400 };
  assert.equal(searchParams.get('resource'), 'https://containerregistry.azure.net');
  // As the service writes numbers.
  return { json: { ...token, expires_in: '3599', client: searchParams.get('client_id') } };
};

async function ask(apis: Readonly<Record<string, Api>>, rest: Rest, name = host): Promise<RegistryToken | undefined> {
  await using deps = await testKeyDeps(apis, rest);
  return await azure.open(deps)(name, undefined);
}

async function fails(found: Promise<unknown>, code: CloudErrorCode, sentence: RegExp): Promise<void> {
  await assert.rejects(found, (error) => {
    assert.ok(error instanceof CloudError, String(error));
    assert.match(error.message, sentence);
    assert.equal(error.code, code);
    assert.ok(!error.message.includes('shhh'));
    return true;
  });
}

test('a registry gets a refresh token of its own, as the user that stands for tokens', async () => {
  assert.deepEqual(await ask({ [host]: registry(), [entra]: tenant }, { env: secret }), {
    username: '00000000-0000-0000-0000-000000000000',
    password: refresh,
    expiresAt: ends * 1000,
  });
});

const places: readonly (readonly [place: string, apis: Record<string, Api>, rest: Rest, name?: string])[] = [
  ['a workload', { [entra]: tenant }, { env: workload, files: { '/jwt': 'jwt\n' } }],
  [
    'an authority that the environment names',
    { 'login.example': tenant },
    { env: { ...workload, AZURE_AUTHORITY_HOST: 'https://login.example/' }, files: { '/jwt': 'jwt' } },
  ],
  ['the cloud of China', { 'login.chinacloudapi.cn': tenant }, { env: secret }, 'myteam.azurecr.cn'],
  ['the cloud of a government', { 'login.microsoftonline.us': tenant }, { env: secret }, 'myteam.azurecr.us'],
  ['a managed identity', { '169.254.169.254': instance }, { env: { AZURE_CLIENT_ID: 'client' } }],
  [
    'App Service',
    { 'localhost:81': ({ headers }) => (headers['x-identity-header'] === 'h' ? { json: token } : { status: 401 }) },
    { env: { IDENTITY_ENDPOINT: 'http://localhost:81/token', IDENTITY_HEADER: 'h' } },
  ],
];

for (const [place, apis, rest, name = host] of places) {
  test(`tokens come of ${place}`, async () => {
    assert.equal((await ask({ [name]: registry(name), ...apis }, rest, name))?.password, refresh);
  });
}

test('a token of Entra serves several registries, each of which is shown it alone and gives its own', async () => {
  const [one, two] = ['oneteam.azurecr.io', 'twoteam.azurecr.io'];
  await using deps = await testKeyDeps(
    {
      [entra]: tenant,
      [one]: registry(one, { json: { refresh_token: 'one' } }),
      [two]: registry(two, { json: { refresh_token: 'two' } }),
    },
    { env: secret },
  );
  const find = azure.open(deps);
  const found = await Promise.all([one, two, one, two].map((name) => find(name, undefined)));
  assert.deepEqual(
    found.map((each) => each?.password),
    ['one', 'two', 'one', 'two'],
  );
  assert.deepEqual(deps.asked.map((request) => request.host).toSorted(), [entra, one, two]);
  // CVE-2025-27403.
  for (const evil of ['x.azurecr.io.evil.tld', `${one}.evil.tld`, `${one}:5000`]) {
    assert.equal(await find(evil, undefined), undefined);
  }
  assert.equal(deps.asked.length, 3);
});

test('it is told why there is no token, and no secret with it', async () => {
  const usual = { [host]: registry(), [entra]: tenant };
  const cases: readonly (readonly [Record<string, Api>, Rest, CloudErrorCode, RegExp])[] = [
    [usual, {}, 'CREDENTIALS_ABSENT', /no credentials were found.*managed or workload identity/],
    [usual, { env: workload }, 'CREDENTIALS_INVALID', /federated token is not there/],
    [usual, { env: { ...secret, AZURE_TENANT_ID: '../x' } }, 'CREDENTIALS_INVALID', /no tenant/],
    [
      usual,
      { env: { ...secret, AZURE_AUTHORITY_HOST: 'http://evil' } },
      'CREDENTIALS_INVALID',
      /no address with https/,
    ],
    [usual, { env: { ...secret, AZURE_CLIENT_SECRET: 'wrong' } }, 'SERVICE_REFUSED', /401, invalid_client/],
    [{ ...usual, [entra]: () => ({ status: 503 }) }, { env: secret }, 'SERVICE_UNAVAILABLE', /503/],
    [{ ...usual, '169.254.169.254': () => ({ status: 429 }) }, {}, 'SERVICE_UNAVAILABLE', /try again/],
    [{ ...usual, '169.254.169.254': () => ({ text: 'shhh' }) }, {}, 'ANSWER_INVALID', /no JSON object/],
    [{ ...usual, '169.254.169.254': () => ({ json: { access_token: 'a\r\nshhh' } }) }, {}, 'ANSWER_INVALID', /usable/],
  ];
  for (const [apis, rest, code, sentence] of cases) await fails(ask(apis, rest), code, sentence);
  const answers: readonly (readonly [ApiAnswer, CloudErrorCode, RegExp])[] = [
    [{ status: 401, json: { errors: [{ code: 'UNAUTHORIZED', message: 'shhh' }] } }, 'SERVICE_REFUSED', /UNAUTHORIZED/],
    [{ status: 302, headers: { location: 'https://evil.example/' } }, 'SERVICE_REFUSED', /302/],
    [{ json: {} }, 'ANSWER_INVALID', /without refresh_token/],
    [{ json: { refresh_token: 'a shhh' } }, 'ANSWER_INVALID', /no usable token/],
    [{ json: { refresh_token: 'a'.repeat(cloudLimits.tokenLength + 1) } }, 'ANSWER_INVALID', /no usable token/],
    [{ text: 'x'.repeat(cloudLimits.answerBytes + 1) }, 'SERVICE_UNAVAILABLE', /bytes/],
  ];
  for (const [answer, code, sentence] of answers) {
    await fails(ask({ ...usual, [host]: registry(host, answer) }, { env: secret }), code, sentence);
  }
});

test('a refresh token that tells no end counts for a moment', async () => {
  for (const payload of ['', 'e30', 'shhh', Buffer.from('{"exp":"x"}').toString('base64url')]) {
    const answer = { json: { refresh_token: `e30.${payload}.x` } };
    const found = await ask({ [host]: registry(host, answer), [entra]: tenant }, { env: secret });
    assert.equal(found?.expiresAt, now.getTime() + cloudLimits.shortest);
  }
});
