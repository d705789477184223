import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeEcr, fakeKeys, fakeNow } from '../../testing/cloud/fake-amazon.ts';
import { type Api, testKeyDeps } from '../../testing/key-deps.ts';
import { OciError } from '../oci/error.ts';
import { CloudKeychains } from './keychains.ts';
import { cloudLimits } from './limits.ts';
import { clouds } from './list.ts';

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const api = 'api.ecr.eu-west-1.amazonaws.com';
const env = { AWS_ACCESS_KEY_ID: fakeKeys.accessKeyId, AWS_SECRET_ACCESS_KEY: fakeKeys.secretAccessKey };
const metadata: Api = () => ({
  json: { access_token: 'ya29.shhh', expires_in: 400 },
  headers: { 'metadata-flavor': 'Google' },
});

test('each cloud has its own registries, and tells until when a credential is to be shown', async () => {
  await using deps = await testKeyDeps(
    { [api]: fakeEcr(fakeKeys, 'eu-west-1'), 'metadata.google.internal': metadata },
    { env },
  );
  const keychains = new CloudKeychains(deps);
  const amazon = {
    kind: 'password',
    username: 'AWS',
    password: 'token-shhh-123456789012',
    staleAt: fakeNow.getTime() + cloudLimits.kept,
  };
  const google = {
    kind: 'password',
    username: 'oauth2accesstoken',
    password: 'ya29.shhh',
    staleAt: fakeNow.getTime() + 400_000 - cloudLimits.spare,
  };
  for (const [name, registry, found] of [
    ['amazon', host, amazon],
    ['amazon', 'gcr.io', undefined],
    ['google', 'gcr.io', google],
    ['google', host, undefined],
    ['azure', host, undefined],
    ['github', 'ghcr.io', undefined],
    ['constructor', host, undefined],
  ] as const) {
    assert.deepEqual(await keychains.of(name).find(registry, 'a'), found);
  }
  assert.deepEqual(await keychains.any.find(host, 'a'), amazon);
  assert.deepEqual(await keychains.any.find('gcr.io', 'a'), google);
  assert.equal(await keychains.any.find('docker.io', 'a'), undefined);
  // Remembered by all of them together.
  assert.equal(deps.asked.length, 2);
});

test('nothing is shown to a host that need not prove by TLS that the name is its own', async () => {
  await using deps = await testKeyDeps({ [api]: fakeEcr(fakeKeys, 'eu-west-1') }, { env });
  for (const [entry, isShown] of [
    [host, false],
    [`${host}:443`, false],
    [`${host}:5000`, true],
    ['other.example', true],
  ] as const) {
    const keychains = new CloudKeychains({ ...deps, unprovenHosts: [entry] });
    for (const keychain of [keychains.of('amazon'), keychains.any]) {
      assert.equal((await keychain.find(host, 'a')) !== undefined, isShown, entry);
    }
  }
});

test('having none is told where somebody says that there are some, and is nothing else otherwise', async () => {
  await using deps = await testKeyDeps();
  const keychains = new CloudKeychains(deps);
  for (const [name, registry] of [
    ['amazon', host],
    ['azure', 'myteam.azurecr.io'],
    ['google', 'gcr.io'],
  ] as const) {
    assert.equal(await keychains.any.find(registry, 'a'), undefined);
    await assert.rejects(keychains.of(name).find(registry, 'a'), (error) => {
      assert.ok(error instanceof OciError && error.code === 'CREDENTIALS_UNAVAILABLE');
      assert.match(error.message, new RegExp(`There are no credentials for ${registry}: .*no credentials were found`));
      return true;
    });
  }
});

test('what could not be looked at is never told as nothing', async () => {
  await using deps = await testKeyDeps({ [api]: () => ({ status: 400, json: { __type: 'AccessDenied' } }) }, { env });
  await assert.rejects(new CloudKeychains(deps).any.find(host, 'a'), { code: 'CREDENTIALS_UNAVAILABLE' });
});

test('no host is one of a cloud that has more than the name of a registry before or behind it', () => {
  const hosts = [host, 'public.ecr.aws', 'myteam.azurecr.io', 'gcr.io', 'us-docker.pkg.dev'];
  // Some registries of Google do have a name before that of another.
  const text = fc.string({ minLength: 1, maxLength: 12 }).filter((some) => !['us', 'eu', 'asia'].includes(some));
  fc.assert(
    fc.property(fc.constantFrom(...hosts), text, text, (real, before, behind) => {
      const owners = (name: string): number => clouds.filter((cloud) => cloud.owns(name)).length;
      assert.equal(owners(real), 1);
      assert.equal(owners(`${real}${behind}`), 0);
      assert.equal(owners(`${real}.${behind}`), 0);
      assert.equal(owners(`${before}.${real}`), 0);
      assert.equal(owners(`${before}@${real}`), 0);
      assert.equal(owners(`${before}/${real}`), 0);
    }),
  );
});

const hostile = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record(
    {
      authorizationData: fc.jsonValue({ maxDepth: 3 }),
      access_token: fc.jsonValue({ maxDepth: 1 }),
      expires_in: fc.jsonValue({ maxDepth: 1 }),
      refresh_token: fc.jsonValue({ maxDepth: 1 }),
    },
    { requiredKeys: [] },
  ),
);

test('whatever services answer, credentials are whole or there is a coded error', async () => {
  let said: unknown;
  const say: Api = () => ({ json: said, headers: { 'metadata-flavor': 'Google' } });
  const names = [api, 'metadata.google.internal', '169.254.169.254', 'myteam.azurecr.io'];
  const apis = Object.fromEntries(names.map((name) => [name, say]));
  await using deps = await testKeyDeps(apis, { env: { ...env, AZURE_CLIENT_ID: 'c' } });
  await fc.assert(
    fc.asyncProperty(hostile, async (json) => {
      said = json;
      const keychains = new CloudKeychains(deps);
      for (const registry of [host, 'gcr.io', 'myteam.azurecr.io']) {
        try {
          const found = await keychains.any.find(registry, 'a');
          assert.ok(found === undefined || (found.kind === 'password' && /^[\x21-\x7e]+$/.test(found.password)));
        } catch (error) {
          assert.ok(error instanceof OciError && error.code === 'CREDENTIALS_UNAVAILABLE', String(error));
        }
      }
    }),
    { numRuns: 60 },
  );
});
