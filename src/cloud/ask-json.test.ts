import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKeyDeps } from '../../testing/key-deps.ts';
import { listen } from '../../testing/registry/listen.ts';
import { askJson, expectOk } from './ask-json.ts';

test('askJson() follows nobody elsewhere unless it is told to', async () => {
  await using other = await listen((_request, response) => void response.end('{"here":true}'));
  const answer = { status: 307, headers: { location: `${other.url}/` } };
  await using deps = await testKeyDeps({ 'api.example': () => answer });
  const question = { service: 'The API', url: 'https://api.example/' };
  assert.equal((await askJson(deps.network, question)).status, 307);
  const followed = await askJson(deps.network, { ...question, followRedirects: true });
  assert.deepEqual(followed.document, { here: true });
});

test('expectOk() tells what may be otherwise later from what is refused', () => {
  for (const [status, code] of [
    [400, 'SERVICE_REFUSED'],
    [302, 'SERVICE_REFUSED'],
    [403, 'SERVICE_REFUSED'],
    [408, 'SERVICE_UNAVAILABLE'],
    [429, 'SERVICE_UNAVAILABLE'],
    [503, 'SERVICE_UNAVAILABLE'],
  ] as const) {
    assert.throws(() => expectOk({ status, headers: new Map(), document: {} }, 'The API', 'do it'), { code });
  }
});

test('expectOk() passes on the codes of all clouds, and none of their sentences', () => {
  for (const [document, code] of [
    [{ __type: 'AccessDeniedException', message: 'shhh' }, 'AccessDeniedException'],
    [{ Error: { Code: 'ExpiredToken', Message: 'shhh' } }, 'ExpiredToken'],
    [{ errors: [{ code: 'UNAUTHORIZED', message: 'shhh' }] }, 'UNAUTHORIZED'],
    [{ error: 'invalid_grant', error_description: 'shhh' }, 'invalid_grant'],
  ] as const) {
    const said = { status: 400, headers: new Map<string, string>(), document };
    assert.throws(() => expectOk(said, 'The API', 'do it'), { message: `The API did not do it: status 400, ${code}` });
  }
});
