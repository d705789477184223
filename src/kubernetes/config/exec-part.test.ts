import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { test } from 'node:test';
import { startFakeApiServer } from '../../../testing/kubernetes/fake-api-server.ts';
import { configDeps, configOfText } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import type { ProgramEnd, ProgramRun } from '../../base/run-program.ts';
import { openKubernetesClient } from '../open-client.ts';
import { configOfContext } from './config-of-context.ts';
import { execPart } from './exec-part.ts';
import type { ExecSettings } from './exec-settings.ts';
import { readKubeconfig } from './read-kubeconfig.ts';

const apiVersion = 'client.authentication.k8s.io/v1';
const { pods } = builtInTypes;

const settings: ExecSettings = {
  title: 'user "u"',
  apiVersion,
  command: 'get-token',
  args: ['a'],
  env: { X: 'y' },
  installHint: 'get it there',
  cluster: undefined,
};

function printed(status: object, more: object = {}): ProgramEnd {
  const output = Buffer.from(JSON.stringify({ apiVersion, kind: 'ExecCredential', status, ...more }));
  return { kind: 'ended', status: 0, output };
}

test('execPart() runs a plugin when it must, once for all who wait', async () => {
  const clock = instantClock();
  const runs: ProgramRun[] = [];
  const part = execPart(
    settings,
    configDeps({
      clock,
      env: { PATH: '/bin', X: 'n' },
      runProgram: async (run) => {
        runs.push(run);
        const expirationTimestamp = new Date(clock.now() + 60_000).toISOString();
        return await Promise.resolve(printed({ token: `t${runs.length}`, expirationTimestamp }));
      },
    }),
  );
  const tokens = await Promise.all([1, 2, 3].map(() => part.current(undefined)));
  assert.deepEqual(
    tokens.map(({ authorization }) => authorization),
    ['Bearer t1', 'Bearer t1', 'Bearer t1'],
  );
  const [run] = runs;
  assert.deepEqual([run?.program, run?.args, run?.env['PATH'], run?.env['X']], ['get-token', ['a'], '/bin', 'y']);
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  assert.deepEqual(JSON.parse(run?.env['KUBERNETES_EXEC_INFO'] ?? ''), info);
  clock.skip(49_000);
  assert.equal((await part.current(undefined)).authorization, 'Bearer t1');
  clock.skip(2000);
  assert.equal((await part.current(undefined)).authorization, 'Bearer t2');
  assert.equal(part.expire(), true);
  assert.equal((await part.current(undefined)).authorization, 'Bearer t3');
  assert.equal(runs.length, 3);
});

test('execPart() ends a plugin when nobody waits for it any more, and no sooner', async () => {
  const ended: AbortSignal[] = [];
  let answer: (end: ProgramEnd) => void = () => undefined;
  const runProgram = async ({ signal }: ProgramRun): Promise<ProgramEnd> => {
    if (signal !== undefined) ended.push(signal);
    return await new Promise((resolve) => {
      answer = resolve;
    });
  };
  const part = execPart(settings, configDeps({ runProgram }));
  const [first, second] = [new AbortController(), new AbortController()];
  const waiting = [part.current(first.signal), part.current(second.signal)];
  first.abort();
  await assert.rejects(waiting[0] as Promise<unknown>, { name: 'AbortError' });
  assert.equal(ended[0]?.aborted, false);
  second.abort();
  await assert.rejects(waiting[1] as Promise<unknown>, { name: 'AbortError' });
  assert.equal(ended[0]?.aborted, true);
  const third = part.current(undefined);
  answer(printed({ token: 'late' }));
  assert.equal((await third).authorization, 'Bearer late');
  assert.equal(ended.length, 2);
});

const secret = 'shhh-token';
const ends: readonly (readonly [string, ProgramEnd, RegExp])[] = [
  ['is missing', { kind: 'missing' }, /not installed.*get it there/],
  ['cannot start', { kind: 'unstartable' }, /cannot be started/],
  ['takes too long', { kind: 'timeout' }, /did not answer in time/],
  ['prints too much', { kind: 'flood' }, /far too much/],
  ['fails', { kind: 'ended', status: 3, output: Buffer.from(secret) }, /ended with status 3/],
  ['is killed', { kind: 'ended', status: null, output: Buffer.alloc(0) }, /ended by a signal/],
  ['prints no JSON', { kind: 'ended', status: 0, output: Buffer.from(secret) }, /no JSON/],
  ['prints something else', printed({ token: secret }, { kind: 'Secret' }), /no ExecCredential/],
  ['speaks another version', printed({ token: secret }, { apiVersion: 'v1' }), /another version/],
  ['gives nothing', printed({}), /neither a token nor a certificate/],
  ['gives half', printed({ clientKeyData: secret }), /without its key/],
  ['gives no time', printed({ token: secret, expirationTimestamp: 'soon' }), /no time/],
  ['gives no token', printed({ token: `${secret}\n` }), /no token has/],
];
for (const [name, end, sentence] of ends) {
  test(`execPart() tells of a plugin that ${name}`, async () => {
    const part = execPart(settings, configDeps({ runProgram: async () => await Promise.resolve(end) }));
    await assert.rejects(part.current(undefined), (error: Error & { readonly code?: string }) => {
      assert.equal(error.code, 'CREDENTIAL_FAILED');
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /shhh/);
      return true;
    });
  });
}

for (const version of ['v1', 'v1beta1']) {
  test(`a client asks a plugin of ${version} again where the server refuses what it gave`, async () => {
    using folder = temporaryDirectory();
    await using api = await startFakeApiServer({ tokens: { fresh: { username: 'me', groups: [] } } });
    folder.write('count', '0');
    // It gives a token that has ended, and then one that has not; with what it was told, to be seen.
    const script = folder.write(
      'plugin',
      `#!/bin/sh
cd "$(dirname "$0")"
printf '%s' "$KUBERNETES_EXEC_INFO" > info
token=fresh; [ "$(cat count)" = 0 ] && token=stale
echo $(( $(cat count) + 1 )) > count
printf '{"apiVersion":"client.authentication.k8s.io/${version}","kind":"ExecCredential","status":{"token":"%s"}}' "$token"
`,
    );
    chmodSync(script, 0o755);
    const exec = {
      apiVersion: `client.authentication.k8s.io/${version}`,
      command: './plugin',
      interactiveMode: 'Never',
      provideClusterInfo: true,
    };
    const extension = { name: 'client.authentication.k8s.io/exec', extension: { audience: 'sea' } };
    const file = folder.write('config', api.kubeconfig({ exec }, { extensions: [extension] }));
    const deps = configDeps({ env: { PATH: process.env['PATH'] } });
    const kubeconfig = await readKubeconfig(deps, file);
    assert.ok(kubeconfig);
    await using client = openKubernetesClient(await configOfContext(kubeconfig, {}, deps), { clock: instantClock() });
    assert.equal(await client.get(pods, 'a'), undefined);
    assert.equal(await client.get(pods, 'b'), undefined);
    assert.deepEqual(
      api.calls.map(({ authorization }) => authorization),
      ['Bearer stale', 'Bearer fresh', 'Bearer fresh'],
    );
    const { readFileSync } = await import('node:fs');
    assert.equal(readFileSync(`${folder.path}/count`, 'utf8').trim(), '2');
    const { spec } = JSON.parse(readFileSync(`${folder.path}/info`, 'utf8')) as {
      spec: { cluster: Record<string, unknown> };
    };
    assert.equal(spec.cluster['server'], api.url);
    assert.deepEqual(spec.cluster['config'], { audience: 'sea' });
    assert.equal(
      Buffer.from(String(spec.cluster['certificate-authority-data']), 'base64').toString(),
      api.authority.cert,
    );
  });
}

test('a client goes on with another certificate where a plugin gives one', async () => {
  await using api = await startFakeApiServer({ tokens: {} });
  const clock = instantClock();
  let count = 0;
  const runProgram = async (): Promise<ProgramEnd> => {
    count += 1;
    const { cert, key } = makeCertificate(`user ${count}`, { issuer: api.authority });
    const expirationTimestamp = new Date(clock.now() + 60_000).toISOString();
    return await Promise.resolve(printed({ clientCertificateData: cert, clientKeyData: key, expirationTimestamp }));
  };
  const exec = { apiVersion, command: 'x', interactiveMode: 'IfAvailable' };
  const config = await configOfText(api.kubeconfig({ exec }), { clock, runProgram });
  await using client = openKubernetesClient(config, { clock });
  for (let round = 0; round < 4; round += 1) {
    assert.equal(await client.get(pods, 'a'), undefined);
    clock.skip(60_000);
  }
  const names = api.calls.map(({ user }) => user?.username);
  assert.deepEqual(names, ['user 1', 'user 2', 'user 3', 'user 4']);
});
