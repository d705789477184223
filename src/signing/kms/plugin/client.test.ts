import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { testKeyDeps } from '../../../../testing/key-deps.ts';
import { SigningError } from '../../error.ts';
import { type ProgramRun, runProgram } from '../../key/run-program.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import { openPluginKey } from './client.ts';
import { parsePluginReference } from './reference.ts';

const message = Buffer.from('a message');
const reference = parsePluginReference('fakekms://some/key');
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
const publicAnswer = { publicKey: { publicKeyPEM: Buffer.from(pem).toString('base64') } };

async function fails(act: Promise<unknown>, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError && error.code === 'KEY_UNAVAILABLE', String(error));
    assert.match(error.message, sentence);
    return true;
  });
}

test('parsePluginReference() names the program and hands on the rest as it is', () => {
  for (const [text, program, keyResourceId] of [
    ['fakekms://some/key', 'sigstore-kms-fakekms', 'some/key'],
    ['my-hsm://a?b=c#d', 'sigstore-kms-my-hsm', 'a?b=c#d'],
  ] as const) {
    assert.deepEqual(parsePluginReference(text), { provider: 'plugin', program, keyResourceId });
  }
  for (const text of [
    'fakekms:',
    'fakekms://',
    '../evil://x',
    'a/b://x',
    '://x',
    'Upper://x',
    `x://${'y'.repeat(5000)}`,
  ]) {
    assert.throws(() => parsePluginReference(text), { code: 'KEY_REFERENCE_INVALID' }, text.slice(0, 40));
  }
});

test('openPluginKey() speaks as cosign 3.1.1 does', async () => {
  const runs: ProgramRun[] = [];
  await using deps = await testKeyDeps(
    {},
    {
      env: { PATH: '/bin' },
      exec: (run) => {
        runs.push(run);
        const signature = sign('sha384', run.input ?? Buffer.alloc(0), privateKey).toString('base64');
        const answer = run.input === undefined ? publicAnswer : { signMessage: { signature } };
        return Promise.resolve({ status: 0, output: Buffer.from(JSON.stringify(answer)) });
      },
    },
  );
  const { publicKeys, signer } = await openPluginKey(reference, deps);
  assert.equal(publicKeys.length, 1);
  assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
  const [first, second] = runs;
  assert.equal(first?.program, 'sigstore-kms-fakekms');
  assert.deepEqual(first?.env, { PATH: '/bin' });
  const ctxDeadline = '2026-01-02T03:05:05.678Z';
  const rpcOptions = { ctxDeadline, keyVersion: '', remoteVerification: false };
  const initOptions = (hashFunc: number): object => ({
    ctxDeadline,
    protocolVersion: 'v1',
    keyResourceID: 'some/key',
    hashFunc,
    rpcOptions,
  });
  assert.deepEqual(
    [first?.args[0], JSON.parse(first?.args[1] ?? '')],
    ['v1', { initOptions: initOptions(5), methodName: 'publicKey', publicKey: { publicKeyOptions: { rpcOptions } } }],
  );
  const signOptions = { rpcOptions, messageOptions: { digest: null } };
  assert.deepEqual(
    [second?.args[0], JSON.parse(second?.args[1] ?? '')],
    ['v1', { initOptions: initOptions(6), methodName: 'signMessage', signMessage: { signOptions } }],
  );
  assert.deepEqual(second?.input, message);
});

test('openPluginKey() refuses answers that are none', async () => {
  for (const [output, sentence] of [
    ['', /no answer of a plugin/],
    ['[]', /no answer of a plugin/],
    ['{"a":1,"a":1}', /no answer of a plugin/],
    ['{}', /without publicKey/],
    ['{"publicKey":5}', /without publicKey/],
    ['{"publicKey":{}}', /without publicKeyPEM/],
    ['{"publicKey":{"publicKeyPEM":"%"}}', /not base64/],
    ['{"errorMessage":"the HSM is asleep at https://u:p@h/x"}', /failed: the HSM is asleep at https:\/\/\*\*\*@h\/x/],
  ] as const) {
    const exec = (): Promise<{ status: number; output: Buffer }> =>
      Promise.resolve({ status: 0, output: Buffer.from(output) });
    await using deps = await testKeyDeps({}, { exec });
    await fails(openPluginKey(reference, deps), sentence);
  }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const answer = { ...publicAnswer, signMessage: { signature: sign('sha384', message, other).toString('base64') } };
  const exec = (): Promise<{ status: number; output: Buffer }> =>
    Promise.resolve({ status: 1, output: Buffer.from(JSON.stringify(answer)) });
  await using deps = await testKeyDeps({}, { exec });
  const { signer } = await openPluginKey(reference, deps);
  await fails(signer.sign(message), /does not verify/);
});

test(
  'runProgram() runs programs within bounds',
  { skip: process.platform === 'win32' && 'scripts of a shell' },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plugin-'));
    try {
      const script = async (name: string, text: string): Promise<string> => {
        await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
        await chmod(join(folder, name), 0o755);
        return join(folder, name);
      };
      const env = { PATH: process.env['PATH'] };
      const echo = await script('echo', 'printf "%s|" "$@" "$VARIABLE"; cat; exit 3');
      const input = Buffer.from('input');
      const run = { program: echo, args: ['a b', '$HOME'], input, env: { ...env, VARIABLE: 'set' } };
      assert.deepEqual(await runProgram(run), { status: 3, output: Buffer.from('a b|$HOME|set|input') });
      const deaf = await script('deaf', 'exit 0');
      assert.equal((await runProgram({ program: deaf, args: [], input: Buffer.alloc(1_000_000), env })).status, 0);
      const loud = await script('loud', 'yes');
      await fails(runProgram({ program: loud, args: [], env }), /far too much/);
      await fails(runProgram({ program: join(folder, 'none'), args: [], env }), /not installed/);
      await fails(runProgram({ program: folder, args: [], env }), /cannot be started/);
      const slow = await script('slow', 'exec sleep 30');
      const signal = AbortSignal.timeout(50);
      await assert.rejects(runProgram({ program: slow, args: [], env, signal }), { name: 'TimeoutError' });
      const dies = await script('dies', 'kill -9 $$');
      await fails(runProgram({ program: dies, args: [], env }), /ended by a signal/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
