import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import { keyPassword } from './password.ts';

const piped = async (): Promise<Buffer> => Buffer.from('from-stdin\r\n');

for (const [title, settings, host, wanted] of [
  ['COSIGN_PASSWORD first', {}, { env: { COSIGN_PASSWORD: 'a', SEAWORTHY_PASSWORD: 'b' } }, 'a'],
  ['an empty COSIGN_PASSWORD', {}, { env: { COSIGN_PASSWORD: '', SEAWORTHY_PASSWORD: 'b' } }, ''],
  ['SEAWORTHY_PASSWORD', {}, { env: { SEAWORTHY_PASSWORD: 'b' } }, 'b'],
  [
    "standard input, since the variable is the registry's with --username",
    { username: 'sailor' },
    { env: { SEAWORTHY_PASSWORD: 'b' }, readStdin: piped },
    'from-stdin',
  ],
  ['standard input without its line end', {}, { readStdin: piped }, 'from-stdin'],
  ['the person', {}, { ask: async () => 'typed', readStdin: piped }, 'typed'],
] as const) {
  test(`keyPassword() takes ${title}`, async () => {
    assert.equal((await keyPassword(testSettings(settings), testHost(host), false)).toString(), wanted);
  });
}

test('keyPassword() asks twice for a new key, in secret, and wants the same twice', async () => {
  const asked: boolean[] = [];
  const answers = ['one', 'one', 'one', 'two'];
  const ask = async (_question: string, secret: boolean): Promise<string> => {
    asked.push(secret);
    return answers.shift() ?? '';
  };
  const host = testHost({ ask });
  assert.equal((await keyPassword(testSettings(), host, true)).toString(), 'one');
  await assert.rejects(keyPassword(testSettings(), host, true), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'SETTING_INVALID');
    assert.doesNotMatch(error.message, /\bone\b/);
    return true;
  });
  assert.deepEqual(asked, [true, true, true, true]);
  assert.deepEqual(host.said, []);
});

test("keyPassword() does not take the registry's standard input", async () => {
  const host = testHost({ readStdin: piped });
  const settings = testSettings({ username: 'sailor', passwordStdin: true });
  await assert.rejects(keyPassword(settings, host, false), { code: 'SETTING_INVALID' });
});
