import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fails, testKeyDeps } from '../../../testing/key-deps.ts';
import { askSurely } from './ask-surely.ts';

test('askSurely() sends what it is given, and gives what a success holds', async () => {
  await using deps = await testKeyDeps({
    'api.example': ({ method, body }) => ({ json: { method, sent: body.toString() } }),
  });
  for (const [body, method, sent] of [
    [undefined, 'GET', ''],
    [{ json: { a: 1 } }, 'POST', '{"a":1}'],
    [{ form: { a: 'b c' } }, 'POST', 'a=b+c'],
  ] as const) {
    const question = { service: 'The API', url: 'https://api.example/', body };
    assert.deepEqual(await askSurely(deps, question, 'do it'), { method, sent });
  }
});

test('askSurely() takes nothing but a success, and ends with the signal', async () => {
  await using deps = await testKeyDeps({ 'api.example': () => ({ status: 403, json: { error: 'no' } }) });
  const question = { service: 'The API', url: 'https://api.example/' };
  await fails(askSurely(deps, question, 'do it'), /^The API did not do it: status 403, no; check the credentials/);
  const reason = new Error('enough');
  const ended = { network: deps.network, signal: AbortSignal.abort(reason) };
  await assert.rejects(askSurely(ended, question, 'do it'), (error) => error === reason);
});
