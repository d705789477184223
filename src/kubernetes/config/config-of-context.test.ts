import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configDeps, configOfText } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { configOfContext } from './config-of-context.ts';
import type { ConfigDeps } from './deps.ts';
import type { ClusterConfig } from './model.ts';
import { readKubeconfig } from './read-kubeconfig.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function kubeconfig(user: object = {}, cluster: object = {}): string {
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://c.example', ...cluster } }],
    users: [{ name: 'u', user }],
  });
}

const clusters: readonly (readonly [string, object, object])[] = [
  [
    'an authority',
    { 'certificate-authority-data': base64('CA') },
    { tls: { authority: Buffer.from('CA'), insecure: false, serverName: undefined } },
  ],
  [
    'nothing to verify',
    { 'insecure-skip-tls-verify': true },
    { tls: { authority: undefined, insecure: true, serverName: undefined } },
  ],
  ['another name', { 'tls-server-name': 'api' }, { tls: { authority: undefined, insecure: false, serverName: 'api' } }],
  ['a proxy', { 'proxy-url': 'http://me:pw@proxy:3128' }, { proxy: 'http://me:pw@proxy:3128' }],
  [
    'a path',
    { server: 'https://c.example:6443/k8s/clusters/a//' },
    { server: 'https://c.example:6443/k8s/clusters/a' },
  ],
  ['no scheme', { server: 'c.example:6443', 'insecure-skip-tls-verify': true }, { server: 'https://c.example:6443' }],
  ['no scheme and no TLS', { server: 'localhost:8080' }, { server: 'http://localhost:8080' }],
];
for (const [name, fields, expected] of clusters) {
  test(`configOfContext() reads a cluster with ${name}`, async () => {
    const config = await configOfText(kubeconfig({}, fields));
    const found = Object.fromEntries(Object.keys(expected).map((key) => [key, config[key as keyof ClusterConfig]]));
    assert.deepEqual(found, expected);
  });
}

const users: readonly (readonly [string, object, Record<string, string>])[] = [
  ['nothing', {}, {}],
  ['a token', { token: 'abc' }, { authorization: 'Bearer abc' }],
  ['a password', { username: 'me', password: 'pw' }, { authorization: `Basic ${base64('me:pw')}` }],
  [
    'a token and a plugin',
    { token: 'abc', exec: { apiVersion: 'client.authentication.k8s.io/v1beta1', command: 'never' } },
    { authorization: 'Bearer abc' },
  ],
  [
    'another one to be',
    { as: 'x', 'as-uid': '7', 'as-groups': ['g'], 'as-user-extra': { 'A/b': ['c'] } },
    { 'impersonate-user': 'x', 'impersonate-uid': '7', 'impersonate-group': 'g', 'impersonate-extra-a%2fb': 'c' },
  ],
];
for (const [name, fields, headers] of users) {
  test(`configOfContext() reads a user with ${name}`, async () => {
    const { credentials } = await configOfText(kubeconfig(fields));
    assert.deepEqual(await credentials.current(), { headers, certificate: undefined });
    assert.equal(credentials.refused({ headers, certificate: undefined }), false);
  });
}

const refused: readonly (readonly [object, object, RegExp])[] = [
  [{}, { server: '' }, /cluster "c" has no server/],
  [{}, { server: 'https://me:pw@c.example' }, /no plain https address/],
  [{}, { server: 'https://c.example/?a' }, /no plain https address/],
  [{}, { server: 'ftp://c.example' }, /no plain https address/],
  [{}, { server: 5 }, /has a server that is no text/],
  [{}, { 'proxy-url': 'socks5://proxy' }, /only such proxies/],
  [{}, { 'certificate-authority-data': '%' }, /not base64/],
  [{}, { 'certificate-authority': '/nowhere/ca' }, /is not at \/nowhere\/ca/],
  [{}, { 'insecure-skip-tls-verify': true, 'certificate-authority-data': base64('CA') }, /drop the latter/],
  [{}, { 'insecure-skip-tls-verify': 'yes' }, /neither true nor false/],
  [{ token: 12 }, {}, /has a token that is no text; put it in quotes/],
  [{ token: 'a', username: 'b' }, {}, /a token and a password/],
  [{ username: 'a:b' }, {}, /colon/],
  [{ 'client-key-data': base64('k') }, {}, /without its key, or a key alone/],
  [
    { 'auth-provider': { name: 'gcp' } },
    {},
    /auth-provider, which Kubernetes has removed; use the credential plugin gke-gcloud-auth-plugin/,
  ],
  [{ 'auth-provider': { name: 'mine' } }, {}, /use a credential plugin \(exec\)/],
  [{ 'as-groups': ['g'] }, {}, /without a name/],
  [{ as: 'x', 'as-groups': ['g', 'h'] }, {}, /several values in as-groups/],
  [{ as: 'x\n' }, {}, /no header can hold/],
  [
    { exec: { command: 'x', apiVersion: 'client.authentication.k8s.io/v1alpha1' } },
    {},
    /v1alpha1.*speaks client\.authentication\.k8s\.io\/v1$/,
  ],
  [{ exec: { apiVersion: 'client.authentication.k8s.io/v1' } }, {}, /names no command/],
  [{ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'x' } }, {}, /no interactiveMode/],
  [
    { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'x', interactiveMode: 'Always' } },
    {},
    /here is none/,
  ],
];
for (const [user, cluster, sentence] of refused) {
  test(`configOfContext() refuses ${JSON.stringify([user, cluster])}`, async () => {
    const readFile = async (): Promise<Buffer> => {
      throw Object.assign(new Error('none'), { code: 'ENOENT' });
    };
    await assert.rejects(configOfText(kubeconfig(user, cluster), { readFile }), {
      code: 'CONFIG_INVALID',
      message: sentence,
    });
  });
}

async function configIn(file: string, deps: ConfigDeps): Promise<ClusterConfig> {
  const read = await readKubeconfig(deps, file);
  assert.ok(read);
  return await configOfContext(read, {}, deps);
}

test('configOfContext() reads files beside the kubeconfig, and anew as others renew them', async () => {
  using folder = temporaryDirectory();
  const clock = instantClock();
  const deps = configDeps({ clock });
  folder.write('ca.pem', 'CA');
  folder.write('cert.pem', 'CERT1');
  folder.write('key.pem', 'KEY1');
  folder.write('token', 'first\n');
  const user = { 'client-certificate': 'cert.pem', 'client-key': 'key.pem', tokenFile: 'token' };
  const file = folder.write('config', kubeconfig(user, { 'certificate-authority': 'ca.pem' }));
  const { credentials, tls } = await configIn(file, deps);
  assert.equal(String(tls.authority), 'CA');
  const seen = async (): Promise<string[]> => {
    const { headers, certificate } = await credentials.current();
    return [headers['authorization'] ?? '', String(certificate?.certificate), String(certificate?.key)];
  };
  assert.deepEqual(await seen(), ['Bearer first', 'CERT1', 'KEY1']);
  folder.write('token', 'second');
  folder.write('cert.pem', 'CERT2');
  folder.write('key.pem', 'KEY2');
  assert.deepEqual(await seen(), ['Bearer first', 'CERT1', 'KEY1']);
  clock.skip(10_000);
  assert.deepEqual(await seen(), ['Bearer second', 'CERT2', 'KEY2']);
  // At once, where the server refuses what was read.
  folder.write('token', 'third');
  assert.equal(credentials.refused(await credentials.current()), true);
  assert.equal((await seen())[0], 'Bearer third');
  // For a moment it is empty, or gone.
  const { rmSync } = await import('node:fs');
  folder.write('token', '');
  clock.skip(10_000);
  assert.equal((await seen())[0], 'Bearer third');
  rmSync(`${folder.path}/token`);
  clock.skip(10_000);
  assert.equal((await seen())[0], 'Bearer third');
});

test('configOfContext() uses a token for as long as its file cannot be read', async () => {
  using folder = temporaryDirectory();
  const clock = instantClock();
  const file = folder.write('config', kubeconfig({ token: 'fallback', tokenFile: 'later' }));
  const { credentials } = await configIn(file, configDeps({ clock }));
  assert.equal((await credentials.current()).headers['authorization'], 'Bearer fallback');
  folder.write('later', 'later');
  clock.skip(10_000);
  assert.equal((await credentials.current()).headers['authorization'], 'Bearer later');
  folder.write('bad', 'a b');
  const bad = folder.write('config2', kubeconfig({ tokenFile: 'bad' }));
  const { credentials: broken } = await configIn(bad, configDeps());
  await assert.rejects(broken.current(), { code: 'CREDENTIAL_FAILED', message: /^The token of user "u" is empty, or/ });
});
