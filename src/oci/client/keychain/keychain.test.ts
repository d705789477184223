import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { OciError } from '../../error.ts';
import { basicAuthorization, type Credential } from '../credential.ts';
import { credentialOf, parseAuthFile } from './auth-file.ts';
import { askCredentialHelper } from './credential-helper.ts';
import { authFilePaths, fileKeychain, findInAuthFile } from './file-keychain.ts';
import { firstOf, fixedKeychain } from './keychain.ts';

const encode = (pair: string): string => Buffer.from(pair).toString('base64');
const password = (username: string, secret: string): Credential => ({ kind: 'password', username, password: secret });

const files: readonly (readonly [title: string, file: unknown, asked: string, found: Credential | undefined])[] = [
  ['a host', { auths: { 'ghcr.io': { auth: encode('a:b') } } }, 'ghcr.io/x/y', password('a', 'b')],
  [
    'a host with a port',
    { auths: { 'h.example:5000': { auth: encode('a:b') } } },
    'h.example:5000/x',
    password('a', 'b'),
  ],
  ['another port', { auths: { 'h.example:5000': { auth: encode('a:b') } } }, 'h.example/x', undefined],
  ['a colon in the password', { auths: { h: { auth: encode('a:b:c') } } }, 'h/x', password('a', 'b:c')],
  ['a padded password', { auths: { h: { auth: encode('a:b\0\0') } } }, 'h/x', password('a', 'b')],
  ['user and password written out', { auths: { h: { username: 'a', password: 'b' } } }, 'h/x', password('a', 'b')],
  [
    'an identity token',
    { auths: { h: { auth: encode('a:'), identitytoken: 't' } } },
    'h/x',
    { kind: 'identity-token', token: 't' },
  ],
  ['a registry token', { auths: { h: { registrytoken: 't' } } }, 'h/x', { kind: 'registry-token', token: 't' }],
  ['an empty entry', { auths: { h: {} } }, 'h/x', undefined],
  [
    'Docker Hub by its old key',
    { auths: { 'https://index.docker.io/v1/': { auth: encode('a:b') } } },
    'docker.io/library/x',
    password('a', 'b'),
  ],
  [
    'Docker Hub by its name',
    { auths: { 'docker.io': { auth: encode('a:b') } } },
    'docker.io/library/x',
    password('a', 'b'),
  ],
  [
    'Docker Hub by its own host',
    { auths: { 'registry-1.docker.io': { auth: encode('a:b') } } },
    'docker.io/library/x',
    password('a', 'b'),
  ],
  [
    'a key with a scheme',
    { auths: { 'https://h.example': { auth: encode('a:b') } } },
    'h.example/x',
    password('a', 'b'),
  ],
  [
    'a key with a scheme and a version',
    { auths: { 'https://h.example/v2/': { auth: encode('a:b') } } },
    'h.example/x',
    password('a', 'b'),
  ],
  [
    'the most specific path',
    { auths: { h: { auth: encode('1:1') }, 'h/a': { auth: encode('2:2') }, 'h/a/b': { auth: encode('3:3') } } },
    'h/a/b/c',
    password('3', '3'),
  ],
  ['a path of another repository', { auths: { 'h/other': { auth: encode('a:b') } } }, 'h/a', undefined],
  ['a path that only begins alike', { auths: { 'h/a': { auth: encode('a:b') } } }, 'h/ab', undefined],
  ['names of the language itself', { auths: JSON.parse('{"__proto__":{"auth":"YTpi"}}') }, 'constructor/x', undefined],
  ['nothing', {}, 'h/x', undefined],
  ['no object for auths', { auths: [1] }, 'h/x', undefined],
];

test('findInAuthFile() finds the entry that a repository has', async (t) => {
  for (const [title, file, asked, found] of files) {
    await t.test(title, async () => {
      const slash = asked.indexOf('/');
      const parsed = parseAuthFile(Buffer.from(JSON.stringify(file)), 'config.json');
      assert.deepEqual(await findInAuthFile(parsed, asked.slice(0, slash), asked.slice(slash + 1), {}), found);
    });
  }
});

test('parseAuthFile() and credentialOf() refuse what cannot be read, naming the file and no secret', () => {
  const unreadable = { name: 'OciError', code: 'CREDENTIALS_UNREADABLE', message: /\/home\/a\/config\.json/ };
  for (const text of ['{', '[]', '"x"', '{"auths":']) {
    assert.throws(() => parseAuthFile(Buffer.from(text), '/home/a/config.json'), unreadable);
  }
  assert.throws(() => credentialOf({ auth: encode('no colon') }, '/home/a/config.json'), unreadable);
  assert.deepEqual([...parseAuthFile(Buffer.from(''), 'x').auths], []);
});

test('parseAuthFile() ends in a value or a coded error, whatever the bytes', () => {
  const valid = Buffer.from(
    JSON.stringify({ auths: { h: { auth: encode('a:b') } }, credsStore: 's', credHelpers: { g: 'x' } }),
  );
  const mutated = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }).map((edits) => {
    const bytes = Buffer.from(valid);
    for (const [at, byte] of edits) bytes[at] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        mutated,
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        try {
          const file = parseAuthFile(bytes, 'config.json');
          for (const entry of file.auths.values()) credentialOf(entry, file.path);
        } catch (error) {
          assert.ok(error instanceof OciError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('authFilePaths() lists the places in the order of the tools that own them', () => {
  const home = '/home/a';
  assert.deepEqual(authFilePaths({ environment: {}, home }), [
    '/home/a/.docker/config.json',
    '/home/a/.config/containers/auth.json',
  ]);
  assert.deepEqual(
    authFilePaths({
      environment: { REGISTRY_AUTH_FILE: '/r', DOCKER_CONFIG: '/d', XDG_RUNTIME_DIR: '/run/1', XDG_CONFIG_HOME: '/c' },
      home,
    }),
    [
      '/r',
      '/d/config.json',
      '/run/1/containers/auth.json',
      '/c/containers/auth.json',
      '/home/a/.config/containers/auth.json',
    ],
  );
});

/** A folder with files and helper programs, and the environment that finds them. */
async function withFolder(
  content: Readonly<Record<string, string>>,
  act: (folder: string, environment: Record<string, string>) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keychain-'));
  try {
    for (const [path, text] of Object.entries(content)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
      if (text.startsWith('#!')) await chmod(join(folder, path), 0o755);
    }
    await act(folder, { PATH: `${folder}/bin:/usr/bin:/bin` });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('fileKeychain() takes the first file that knows something', async () => {
  const auths = (pair: string): string => JSON.stringify({ auths: { h: { auth: encode(pair) } } });
  await withFolder({ '.config/containers/auth.json': auths('podman:1') }, async (home, environment) => {
    const keychain = fileKeychain({ environment, home });
    assert.deepEqual(await keychain.find('h', 'x'), password('podman', '1'));
    assert.equal(await keychain.find('other', 'x'), undefined);
    await mkdir(join(home, '.docker'));
    await writeFile(join(home, '.docker/config.json'), auths('docker:2'));
    assert.deepEqual(await keychain.find('h', 'x'), password('docker', '2'));
    await writeFile(join(home, '.docker/config.json'), '{');
    await assert.rejects(keychain.find('h', 'x'), { code: 'CREDENTIALS_UNREADABLE' });
  });
});

const posix = { skip: process.platform === 'win32' ? 'helpers in this test are shell scripts' : false };

const helpers: Readonly<Record<string, string>> = {
  'bin/docker-credential-good':
    '#!/bin/sh\nread -r server\nprintf \'{"ServerURL":"%s","Username":"me@%s","Secret":"s"}\' "$server" "$server"\n',
  'bin/docker-credential-token': '#!/bin/sh\nprintf \'{"Username":"<token>","Secret":"t"}\'\n',
  'bin/docker-credential-none': '#!/bin/sh\necho "credentials not found in native keychain"\nexit 1\n',
  'bin/docker-credential-broken': '#!/bin/sh\necho "keyring is locked"\nexit 1\n',
  'bin/docker-credential-chatty': '#!/bin/sh\nexec cat /dev/zero\n',
  'bin/docker-credential-stuck': '#!/bin/sh\nexec sleep 60\n',
  'bin/docker-credential-text': '#!/bin/sh\necho hello\n',
};

test('askCredentialHelper() reads what a helper says', posix, async () => {
  await withFolder(helpers, async (_folder, environment) => {
    assert.deepEqual(await askCredentialHelper('good', 'h', { environment }), password('me@h', 's'));
    assert.deepEqual(await askCredentialHelper('token', 'h', { environment }), { kind: 'identity-token', token: 't' });
    assert.equal(await askCredentialHelper('none', 'h', { environment }), undefined);
    for (const [name, message] of [
      ['broken', /status 1/],
      ['chatty', /too much/],
      ['stuck', /in time/],
      ['text', /JSON/],
      ['missing', /not installed/],
      ['../../bin/good', /name/],
      ['', /name/],
    ] as const) {
      const asked = askCredentialHelper(name, 'h', { environment, timeoutMs: name === 'stuck' ? 100 : 10_000 });
      await assert.rejects(asked, { code: 'CREDENTIALS_UNREADABLE', message });
    }
    const stop = AbortSignal.abort(new Error('enough'));
    await assert.rejects(askCredentialHelper('good', 'h', { environment, signal: stop }), { message: 'enough' });
  });
});

test('fileKeychain() asks the helper of a host, else that of all hosts, else the entries', posix, async () => {
  const config = {
    credsStore: 'none',
    credHelpers: { 'h.example': 'good', 'docker.io': 'good' },
    auths: { 'other.example': { auth: encode('a:b') } },
  };
  await withFolder({ ...helpers, '.docker/config.json': JSON.stringify(config) }, async (home, environment) => {
    const keychain = fileKeychain({ environment, home });
    assert.deepEqual(await keychain.find('h.example', 'x'), password('me@h.example', 's'));
    assert.deepEqual(await keychain.find('docker.io', 'library/x'), password('me@https://index.docker.io/v1/', 's'));
    assert.deepEqual(await keychain.find('other.example', 'x'), password('a', 'b'));
    assert.equal(await keychain.find('third.example', 'x'), undefined);
  });
});

test('firstOf() and fixedKeychain() let what was typed go first', async () => {
  const typed = fixedKeychain(password('typed', '1'), 'h');
  const stored = fixedKeychain(password('stored', '2'));
  assert.deepEqual(await firstOf(typed, stored).find('h', 'x'), password('typed', '1'));
  assert.deepEqual(await firstOf(typed, stored).find('other', 'x'), password('stored', '2'));
});

test('basicAuthorization() writes the scheme of RFC 7617', () => {
  assert.equal(basicAuthorization('Aladdin', 'open sesame'), 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
});
