import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiAnswer, testKeyDeps } from '../../../testing/key-deps.ts';
import { SigningError } from '../error.ts';
import { askJson, expectBytes, expectOk, expectText } from './ask-json.ts';

async function ask(answer: ApiAnswer): ReturnType<typeof askJson> {
  await using deps = await testKeyDeps({ 'api.example': () => answer });
  return await askJson(deps.network, { service: 'The API', url: 'https://api.example/' });
}

function fails(act: () => unknown, sentence: string): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof SigningError && error.code === 'KEY_UNAVAILABLE');
    assert.equal(error.message, sentence);
    return true;
  });
}

test('expectOk() passes on what services call the failure, and nothing longer', async () => {
  for (const [status, json, sentence] of [
    [400, { __type: 'NotFoundException', message: 'secret' }, 'status 400, NotFoundException'],
    [404, { error: { code: 404, status: 'NOT_FOUND', message: 'secret' } }, 'status 404, NOT_FOUND; check the name'],
    [403, { error: { code: 'Forbidden' } }, 'status 403, Forbidden; check the credentials and what they may do'],
    [400, { error: 'invalid_grant', error_description: 'secret' }, 'status 400, invalid_grant'],
    [409, { kind: 'Status', reason: 'AlreadyExists' }, 'status 409, AlreadyExists'],
    [400, { error: 'the secret word' }, 'status 400'],
    [400, { error: 'x'.repeat(81) }, 'status 400'],
    [400, { errors: ['secret'] }, 'status 400'],
  ] as const) {
    const answer = await ask({ status, json });
    fails(() => expectOk(answer, 'The API', 'do it'), `The API did not do it: ${sentence}`);
  }
  const page = await ask({ status: 400, text: '<html>secret' });
  fails(() => expectOk(page, 'The API', 'do it'), 'The API did not do it: status 400');
  assert.deepEqual(expectOk(await ask({ status: 201, json: { a: 1 } }), 'The API', 'do it'), { a: 1 });
});

test('askJson() takes a success for one only when it is JSON, and not too long', async () => {
  for (const text of ['<html>', '', '[]', '{"a":1,"a":2}', '"x"']) {
    await assert.rejects(ask({ text }), /interface does not have/, text);
  }
  const long = JSON.stringify({ a: 'x'.repeat(5_000_000) });
  await assert.rejects(ask({ text: long }), /4194304 bytes/);
});

test('expectText() and expectBytes() want the field', () => {
  assert.equal(expectText({ a: 'b' }, 'a', 'The API'), 'b');
  assert.deepEqual(expectBytes({ a: 'AAE=' }, 'a', 'The API'), Buffer.from([0, 1]));
  fails(() => expectText({ a: 5 }, 'a', 'The API'), 'The API answered without a');
  fails(() => expectBytes({ a: '*' }, 'a', 'The API'), 'The API answered with a a that is not base64');
});
