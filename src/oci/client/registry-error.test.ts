import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NetError } from '../../net/error.ts';
import type { NetworkResponse } from '../../net/network.ts';
import { OciError } from '../error.ts';
import { registryError, registryFailure, type RegistryQuestion } from './registry-error.ts';

const question: RegistryQuestion = {
  host: 'registry.example',
  kind: 'manifest',
  name: 'registry.example/a:v1',
  identified: false,
  secrets: ['hunter2'],
};

function answer(status: number, body: string | Uint8Array): NetworkResponse {
  return {
    status,
    headers: new Map(),
    url: new URL('https://registry.example/'),
    body: (async function* parts() {
      yield await Promise.resolve(Buffer.from(body as string));
    })(),
    discard: () => undefined,
  };
}

const said = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

test('registryError() classifies by status, and by the code where that tells more', async () => {
  for (const [status, body, kind, code] of [
    [401, '', 'manifest', 'UNAUTHORIZED'],
    [403, '', 'manifest', 'DENIED'],
    [403, said('TOOMANYREQUESTS', 'slow down'), 'manifest', 'RATE_LIMITED'],
    [403, said('NAME_UNKNOWN', 'x'), 'manifest', 'IMAGE_NOT_FOUND'],
    [401, said('NAME_UNKNOWN', 'x'), 'manifest', 'UNAUTHORIZED'],
    [400, said('MANIFEST_UNKNOWN', 'x'), 'manifest', 'IMAGE_NOT_FOUND'],
    [404, '', 'manifest', 'IMAGE_NOT_FOUND'],
    [404, '', 'blob', 'BLOB_UNKNOWN'],
    [404, '', 'upload', 'REGISTRY_PROTOCOL'],
    [404, '', 'token', 'REGISTRY_PROTOCOL'],
    [429, '', 'token', 'RATE_LIMITED'],
    [408, '', 'blob', 'REGISTRY_UNAVAILABLE'],
    [500, said('MANIFEST_UNKNOWN', 'x'), 'manifest', 'REGISTRY_UNAVAILABLE'],
    [599, '', 'manifest', 'REGISTRY_UNAVAILABLE'],
    [200, '', 'upload', 'REGISTRY_PROTOCOL'],
    [302, '', 'manifest', 'REGISTRY_PROTOCOL'],
  ] as const) {
    assert.equal((await registryError(answer(status, body), { ...question, kind })).code, code, `${status} ${kind}`);
  }
});

test("registryError() keeps the registry's own words, short, harmless and without secrets", async () => {
  for (const [body, words] of [
    [said('DENIED', 'your plan has ended'), /it says "your plan has ended"/],
    ['{"details":"incorrect username"}', /it says "incorrect username"/],
    ['{"message":"no"}', /it says "no"/],
    ['plain text', /it says "plain text"/],
    ['<html><body>502 Bad Gateway', /for registry\.example\/a:v1; check/],
    ['', /for registry\.example\/a:v1; check/],
    [said('X', 'a\u001b]0;owned\u0007b\r\nc\u202ed'), /it says "a \]0;owned b c d"/],
    [said('X', 'the password hunter2 is wrong'), /the password \*\*\* is wrong/],
    [said('X', 'x'.repeat(5000)), /"x{300}…"/],
  ] as const) {
    const { message } = await registryError(answer(403, body), question);
    assert.match(message, words);
    assert.ok(message.length < 700);
  }
});

test('registryError() makes one line of any answer', async () => {
  const values = fc.json().map((text) => Buffer.from(`{"errors":[${text}],"message":${text}}`));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 999 }), fc.oneof(fc.uint8Array(), values), async (status, body) => {
      const error = await registryError(answer(status, body), question);
      assert.ok(error instanceof OciError);
      assert.doesNotMatch(error.message, /[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
    }),
  );
});

test('registryFailure() renames what the registry did and passes what the user decided', () => {
  const mapped = registryFailure(new NetError('RESET', 'h', 'h closed the connection'));
  assert.ok(mapped instanceof OciError);
  assert.equal(mapped.code, 'REGISTRY_UNAVAILABLE');
  const offline = new NetError('OFFLINE', 'h', 'm');
  assert.equal(registryFailure(offline), offline);
  const abort = new Error('enough');
  assert.equal(registryFailure(abort), abort);
});
