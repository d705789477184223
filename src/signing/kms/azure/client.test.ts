import assert from 'node:assert/strict';
import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { type Api, testKeyDeps } from '../../../../testing/key-deps.ts';
import { SigningError } from '../../error.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import { openAzureKey } from './client.ts';
import { parseAzureReference } from './reference.ts';

const host = 'team.vault.azure.net';
const message = Buffer.from('a message');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 4096 });
const env = { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client', AZURE_CLIENT_SECRET: 'shhh' };

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Key Vault with one key, whose newest version is "abc". */
function vault({ publicKey, privateKey }: Pair, change: (jwk: JsonWebKey) => object = (jwk) => jwk): Api {
  return ({ method, path, headers, body }) => {
    if (headers['authorization'] !== 'Bearer eyJ.token')
      return { status: 401, json: { error: { code: 'Unauthorized' } } };
    const url = new URL(path, 'http://x');
    assert.equal(url.searchParams.get('api-version'), '7.4');
    if (method === 'GET' && /^\/keys\/signer(?:\/abc)?$/.test(url.pathname)) {
      const kid = `https://${host}/keys/signer/abc`;
      return { json: { key: change({ kid, ...publicKey.export({ format: 'jwk' }) }) } };
    }
    if (url.pathname !== '/keys/signer/abc/sign') return { status: 404, json: { error: { code: 'KeyNotFound' } } };
    const { alg = '', value = '' } = JSON.parse(body.toString()) as Record<string, string>;
    assert.equal(Buffer.from(value, 'base64url').length, Number(alg.slice(-3)) / 8);
    const signature = sign(`sha${alg.slice(-3)}`, message, { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return { json: { kid: `https://${host}/keys/signer/abc`, value: signature.toString('base64url') } };
  };
}

const login: Api = ({ path, body }) => {
  assert.equal(path, '/tenant/oauth2/v2.0/token');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body.toString())), {
    client_id: 'client',
    client_secret: 'shhh',
    grant_type: 'client_credentials',
    scope: 'https://vault.azure.net/.default',
  });
  return { json: { access_token: 'eyJ.token' } };
};

const hosts = (api: Api): Record<string, Api> => ({ [host]: api, 'login.microsoftonline.com': login });

async function fails(act: Promise<unknown>, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /shhh|eyJ/);
    return true;
  });
}

test('parseAzureReference() takes vaults of Azure alone, since tokens go there', () => {
  const resource = 'https://vault.azure.net';
  for (const [text, wanted] of [
    ['azurekms://team.vault.azure.net/signer', { host, resource, key: 'signer' }],
    ['azurekms://team.vault.azure.net/signer/', { host, resource, key: 'signer' }],
    ['azurekms://team/signer', { host, resource, key: 'signer' }],
    ['azurekms://team.vault.azure.net/signer/0abc', { host, resource, key: 'signer', version: '0abc' }],
    ['azurekms://t.vault.azure.cn/k', { host: 't.vault.azure.cn', resource: 'https://vault.azure.cn', key: 'k' }],
    [
      'azurekms://h.managedhsm.azure.net/k',
      { host: 'h.managedhsm.azure.net', resource: 'https://managedhsm.azure.net', key: 'k' },
    ],
  ] as const) {
    assert.deepEqual(parseAzureReference(text), { provider: 'azure', ...wanted });
  }
  for (const text of [
    'azurekms://',
    'azurekms://team.vault.azure.net',
    'azurekms://evil.example/signer',
    'azurekms://vault.azure.net/signer',
    'azurekms://team.vault.azure.net.evil.example/signer',
    'azurekms://evilvault.azure.net/signer',
    'azurekms://a.b.vault.azure.net/signer',
    'azurekms://localhost:8080/signer',
    'azurekms://user@team.vault.azure.net/signer',
    'azurekms://team.vault.azure.net/signer/abc/def',
    'azurekms://team.vault.azure.net/sig ner',
  ]) {
    assert.throws(() => parseAzureReference(text), { code: 'KEY_REFERENCE_INVALID' }, text);
  }
});

test('openAzureKey() signs with each kind of key, with the version that it showed', async () => {
  for (const [pair, hash] of [
    [ec, 'sha256'],
    [p521, 'sha512'],
    [rsa, 'sha256'],
  ] as const) {
    await using deps = await testKeyDeps(hosts(vault(pair)), { env });
    const { signer, publicKeys } = await openAzureKey(parseAzureReference('azurekms://team/signer'), deps);
    assert.equal(signer.hash, hash);
    const signature = await signer.sign(message);
    assert.ok(verifySignature(signer.publicKey, message, signature));
    // What cosign makes with the same key of 4,096 bits.
    if (pair === rsa) {
      assert.ok(verifySignature(publicKeys[0] as never, message, sign('sha512', message, rsa.privateKey)));
    }
  }
  await using deps = await testKeyDeps(hosts(vault(ec, (jwk) => ({ ...jwk, kty: 'EC-HSM' }))), { env });
  const { signer } = await openAzureKey(parseAzureReference('azurekms://team/signer/abc'), deps);
  assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
});

test('openAzureKey() refuses answers about other keys, and keys that do not sign', async () => {
  for (const [api, sentence] of [
    [vault(ec, (jwk) => ({ ...jwk, kid: 'https://evil.example/keys/signer/abc' })), /id of another key/],
    [vault(ec, (jwk) => ({ ...jwk, kid: `https://${host}/keys/other/abc` })), /id of another key/],
    [vault(ec, (jwk) => ({ ...jwk, kid: `https://${host}/keys/signer/abc/def` })), /id of another key/],
    [vault(ec, () => ({ kty: 'oct' })), /cannot be read/],
    [vault(ec, (jwk) => ({ ...jwk, crv: 'P-256K' })), /cannot be read/],
    [vault(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })), /not taken here|cannot be read/],
    [
      vault({ publicKey: ec.publicKey, privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }),
      /does not verify/,
    ],
    [
      () => ({ status: 403, json: { error: { code: 'Forbidden', message: 'shhh' } } }),
      /Forbidden; check the credentials/,
    ],
    [() => ({ json: {} }), /key is not an object/],
  ] as const) {
    await using deps = await testKeyDeps(hosts(api), { env });
    const open = openAzureKey(parseAzureReference('azurekms://team/signer'), deps);
    await fails(
      open.then(({ signer }) => signer.sign(message)),
      sentence,
    );
  }
});

test('openAzureKey() finds tokens in the places of Azure', async () => {
  const token = { access_token: 'eyJ.token' };
  const federated: Api = ({ body }) => {
    const form = new URLSearchParams(body.toString());
    assert.equal(form.get('client_assertion'), 'jwt');
    assert.equal(form.get('client_assertion_type'), 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    return { json: token };
  };
  const imds: Api = ({ path, headers }) => {
    const { searchParams, pathname } = new URL(path, 'http://x');
    assert.equal(headers['metadata'], 'true');
    assert.equal(pathname, '/metadata/identity/oauth2/token');
    assert.equal(searchParams.get('resource'), 'https://vault.azure.net');
    return { json: token };
  };
  const app: Api = ({ headers, path }) =>
    headers['x-identity-header'] === 'h' && path.includes('2019-08-01') ? { json: token } : { status: 400 };
  type Case = readonly [string, Record<string, Api>, Parameters<typeof testKeyDeps>[1]];
  const workload = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c', AZURE_FEDERATED_TOKEN_FILE: '/jwt' };
  const cases: readonly Case[] = [
    ['workload', { 'login.microsoftonline.com': federated }, { env: workload, files: { '/jwt': 'jwt\n' } }],
    [
      'authority',
      { 'login.example': federated },
      { env: { ...workload, AZURE_AUTHORITY_HOST: 'https://login.example/' }, files: { '/jwt': 'jwt' } },
    ],
    ['virtual machine', { '169.254.169.254': imds }, {}],
    [
      'app service',
      { 'localhost:81': app },
      { env: { IDENTITY_ENDPOINT: 'http://localhost:81/token', IDENTITY_HEADER: 'h' } },
    ],
    [
      'az',
      {},
      {
        env: { AZURE_AUTH_METHOD: 'cli' },
        exec: ({ program, args }) => {
          assert.equal(
            [program, ...args].join(' '),
            'az account get-access-token --resource https://vault.azure.net --output json',
          );
          return Promise.resolve({ status: 0, output: Buffer.from('{"accessToken":"eyJ.token"}') });
        },
      },
    ],
  ];
  for (const [, apis, rest] of cases) {
    await using deps = await testKeyDeps({ [host]: vault(ec), ...apis }, rest);
    assert.equal((await openAzureKey(parseAzureReference('azurekms://team/signer'), deps)).publicKeys.length, 1);
  }
});

test('openAzureKey() says why there is no token', async () => {
  const failing = (): Promise<{ status: number; output: Buffer }> =>
    Promise.resolve({ status: 1, output: Buffer.from('shhh') });
  const noise = (): Promise<{ status: number; output: Buffer }> =>
    Promise.resolve({ status: 0, output: Buffer.from('shhh') });
  for (const [rest, sentence] of [
    [{ exec: failing }, /run `az login`/],
    [{ exec: noise }, /no JSON object/],
    [{ env: { AZURE_AUTH_METHOD: 'environment' } }, /no credentials were found/],
    [{ env: { ...env, AZURE_TENANT_ID: '../x' } }, /no tenant/],
  ] as const) {
    await using deps = await testKeyDeps({ [host]: vault(ec) }, rest);
    await fails(openAzureKey(parseAzureReference('azurekms://team/signer'), deps), sentence);
  }
});
