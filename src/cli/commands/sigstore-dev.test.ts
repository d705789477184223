import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host, Output } from '../host.ts';
import { type SigstoreDevOptions, sigstoreDevCommand } from './sigstore-dev.ts';

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command until `use` is done with it, then interrupts it. */
async function runCommand(
  cwd: string,
  options: SigstoreDevOptions,
  use: (url: string) => Promise<unknown>,
  settings: Partial<Settings> = {},
  env: Record<string, string> = {},
): Promise<Run> {
  const controller = new AbortController();
  const started = Promise.withResolvers<string>();
  const said = { out: '', err: '' };
  const output = (stream: 'out' | 'err'): Output => ({
    isTerminal: false,
    columns: undefined,
    write: async (text) => {
      said[stream] += text;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said.out)?.[0];
      if (url !== undefined) started.resolve(url);
    },
  });
  const interruptStatus = (): number | undefined => (controller.signal.aborted ? 130 : undefined);
  const host = { env, cwd, now: () => new Date(), stdout: output('out'), stderr: output('err'), interruptStatus };
  const all = { ...host, signal: controller.signal } as unknown as Host;
  const running = sigstoreDevCommand(options, { quiet: false, debug: false, ...settings } as Settings, all);
  const url = await Promise.race([started.promise, running.then(() => assert.fail('it ended before it was told to'))]);
  await use(url);
  controller.abort();
  return { status: await running, ...said };
}

test('sigstore-dev writes what clients need, and keeps its keys', async () => {
  using folder = temporaryDirectory();
  const read = (name: string): string => readFileSync(join(folder.path, 'dev', name), 'utf8');
  const env = { COSIGN_PASSWORD: 'harbour' };
  const checkFiles = async (url: string): Promise<void> => {
    assert.equal((await fetch(`${url}/tuf/1.root.json`)).status, 200);
    assert.deepEqual(await (await fetch(`${url}/tuf/root.json`)).text(), read('root.json'));
    assert.equal(JSON.parse(read('signing_config.json')).rekorTlogUrls[0].url, url);
    assert.equal(JSON.parse(read('trusted_root.json')).certificateAuthorities[0].uri, url);
  };
  const first = await runCommand(folder.path, { dir: 'dev' }, checkFiles, {}, env);
  assert.equal(first.status, 130);
  assert.match(first.out, /^Fulcio, Rekor +http:[\s\S]+\nIssuer github +http:[\s\S]+\n# cosign 3\n/);
  assert.ok(first.out.endsWith(read('example.sh')));
  assert.match(read('example.sh'), /seaworthy verify --trusted-root dev\/trusted_root\.json/);
  assert.equal(first.err, '');
  const keys = join(folder.path, 'dev', 'keys');
  for (const name of readdirSync(keys)) assert.equal(statSync(join(keys, name)).mode & 0o777, 0o600, name);
  const chain = (): unknown => JSON.parse(read('trusted_root.json')).certificateAuthorities[0].certChain;
  const [root, before] = [read('root.json'), chain()];
  await runCommand(folder.path, { dir: 'dev', rekor: '2' }, async () => undefined, {}, env);
  assert.deepEqual([read('root.json'), chain()], [root, before]);
  assert.equal(JSON.parse(read('signing_config.json')).rekorTlogUrls[0].majorApiVersion, 2);
  assert.equal(JSON.parse(read('signing_config.json')).tsaUrls.length, 1);
});

test('sigstore-dev encrypts keys with the password of the environment', async () => {
  using folder = temporaryDirectory();
  const env = { SEAWORTHY_PASSWORD: 'harbour' };
  await runCommand(folder.path, { dir: 'dev' }, async () => undefined, {}, env);
  assert.match(
    readFileSync(join(folder.path, 'dev', 'keys', 'ct.key'), 'utf8'),
    /^-----BEGIN ENCRYPTED PRIVATE KEY-----/,
  );
  const wrong = { SEAWORTHY_PASSWORD: 'another' };
  await assert.rejects(
    runCommand(folder.path, { dir: 'dev' }, async () => undefined, {}, wrong),
    { code: 'KEYS_UNREADABLE' },
  );
});

test('sigstore-dev keeps no key in a folder where there is no password to encrypt it with', async () => {
  using folder = temporaryDirectory();
  const read = (): string => readFileSync(join(folder.path, 'dev', 'trusted_root.json'), 'utf8');
  await runCommand(folder.path, { dir: 'dev' }, async () => undefined);
  const before = read();
  assert.equal(existsSync(join(folder.path, 'dev', 'keys')), false);
  await runCommand(folder.path, { dir: 'dev' }, async () => undefined);
  assert.notEqual(read(), before);
});

test('sigstore-dev without a folder writes nothing, and says little when it is to be quiet', async () => {
  using folder = temporaryDirectory();
  const loud = await runCommand(
    folder.path,
    { email: 'me@example.com' },
    async (url) => {
      const form = new URLSearchParams({ client_id: 'sigstore' });
      const device = (await (await fetch(`${url}/oidc/device/code`, { method: 'POST', body: form })).json()) as {
        verification_uri_complete: string;
      };
      assert.match(await (await fetch(device.verification_uri_complete)).text(), /me@example\.com/);
    },
    { debug: true },
  );
  assert.equal(loud.err, '200 POST /oidc/device/code\n200 GET /oidc/device\n');
  assert.match(loud.out, /curl -fsSo root\.json http/);
  const quiet = await runCommand(folder.path, {}, async () => undefined, { quiet: true });
  assert.match(quiet.out, /^http:\/\/127\.0\.0\.1:\d+\n$/);
  assert.deepEqual(readdirSync(folder.path), []);
});

test('sigstore-dev refuses what it cannot read', async () => {
  for (const options of [{ port: '-1' }, { port: '65536' }, { port: 'http' }, { port: '' }, { rekor: '3' }]) {
    const isInvalid = (error: unknown): boolean => error instanceof ConfigError && error.code === 'SETTING_INVALID';
    await assert.rejects(
      runCommand('/', options, async () => undefined),
      isInvalid,
      JSON.stringify(options),
    );
  }
});
