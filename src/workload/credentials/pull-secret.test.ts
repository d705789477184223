import assert from 'node:assert/strict';
import test from 'node:test';
import { pullSecretKeychain, type SecretData } from './pull-secret.ts';

function secretOf(auths: object, type = 'kubernetes.io/dockerconfigjson', more: object = {}): SecretData {
  const old = type === 'kubernetes.io/dockercfg';
  const document = old ? auths : { auths, ...more };
  const value = Buffer.from(JSON.stringify(document)).toString('base64');
  return { type, data: { [old ? '.dockercfg' : '.dockerconfigjson']: value } };
}

function entry(username: string): object {
  return { auth: Buffer.from(`${username}:p`).toString('base64') };
}

const found: readonly (readonly [key: string, registry: string, repository: string, is: boolean])[] = [
  ['ghcr.io', 'ghcr.io', 'org/app', true],
  ['https://ghcr.io', 'ghcr.io', 'org/app', true],
  ['ghcr.io/org', 'ghcr.io', 'org/app', true],
  ['ghcr.io/org', 'ghcr.io', 'org-evil/app', false],
  ['https://index.docker.io/v1/', 'docker.io', 'library/nginx', true],
  ['*.example.com', 'a.example.com', 'app', true],
  ['*.example.com', 'example.com', 'app', false],
  ['*.example.com', 'a.b.example.com', 'app', false],
  ['*.example.com', 'a.example.com.evil.org', 'app', false],
  ['*.example.com', 'evilexample.com', 'app', false],
  ['*.*.example.com', 'a.b.example.com', 'app', true],
  ['reg-*.example.com', 'reg-eu.example.com', 'app', true],
  ['reg-*.example.com', 'other-eu.example.com', 'app', false],
  ['*.example.com:5000', 'a.example.com:5000', 'app', true],
  ['*.example.com', 'a.example.com:5000', 'app', false],
  ['*.example.com/org', 'a.example.com', 'org/app', true],
  ['*.example.com/org', 'a.example.com', 'org', true],
  ['*.example.com/org', 'a.example.com', 'organic/app', false],
  ['*.azurecr.io', 'x.azurecr.io.evil.tld', 'app', false],
  ['*', 'localhost', 'app', true],
  ['*', 'ghcr.io', 'app', false],
];

for (const [key, registry, repository, is] of found) {
  test(`an entry for ${key} is ${is ? '' : 'not '}for ${registry}/${repository}`, async () => {
    const keychain = pullSecretKeychain(secretOf({ [key]: entry('u') }), 'ns/s');
    const credential = await keychain.find(registry, repository);
    assert.deepEqual(credential, is ? { kind: 'password', username: 'u', password: 'p' } : undefined);
  });
}

test('the older form is read, and of several the most specific counts', async () => {
  const old = pullSecretKeychain(secretOf({ 'ghcr.io': entry('old') }, 'kubernetes.io/dockercfg'), 'ns/s');
  assert.deepEqual(await old.find('ghcr.io', 'a'), { kind: 'password', username: 'old', password: 'p' });
  const several = pullSecretKeychain(
    secretOf({ '*.io': entry('star'), 'ghcr.io': entry('host'), 'ghcr.io/org': entry('path') }),
    'ns/s',
  );
  const who = async (registry: string, repository: string): Promise<unknown> =>
    ((await several.find(registry, repository)) as { readonly username?: string } | undefined)?.username;
  assert.deepEqual(
    [await who('ghcr.io', 'org/app'), await who('ghcr.io', 'x'), await who('quay.io', 'x')],
    ['path', 'host', 'star'],
  );
});

test('programs that a Secret names are never run', async () => {
  const helper = { credsStore: '/tmp/evil', credHelpers: { 'ghcr.io': 'evil' } };
  const keychain = pullSecretKeychain(secretOf({}, 'kubernetes.io/dockerconfigjson', helper), 'ns/s');
  assert.equal(await keychain.find('ghcr.io', 'a'), undefined);
});

const wrong: readonly (readonly [what: string, secret: SecretData])[] = [
  ['another type', { type: 'Opaque', data: {} }],
  ['a type that objects have', { type: 'constructor', data: {} }],
  ['nothing', { type: 'kubernetes.io/dockerconfigjson', data: {} }],
  ['no JSON', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'e3t7' } }],
];

for (const [what, secret] of wrong) {
  test(`a Secret with ${what} is no pull secret, and its message says whose it is`, () => {
    assert.throws(() => pullSecretKeychain(secret, 'team/pull'), /The Secret team\/pull holds no credentials/);
  });
}
