import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiAnswer, testKeyDeps } from '../../testing/key-deps.ts';
import { listen } from '../../testing/registry/listen.ts';
import { cloudLimits } from './limits.ts';
import { openMetadata } from './metadata.ts';

const host = '169.254.169.254';
const url = `http://${host}/latest/`;

async function find(answer: ApiAnswer): Promise<string | undefined> {
  await using deps = await testKeyDeps({ [host]: () => answer });
  await using metadata = openMetadata(deps, host);
  return (await metadata.find({ url }))?.bytes.toString();
}

test('find() gives what a success holds, and undefined where nobody is or has it', async () => {
  assert.equal(await find({ text: 'token' }), 'token');
  for (const status of [400, 401, 403, 404, 405]) assert.equal(await find({ status }), undefined);
  await using deps = await testKeyDeps();
  await using metadata = openMetadata(deps, host);
  assert.equal(await metadata.find({ url }), undefined);
});

test('find() does not take it for nobody that somebody cannot say it now, or says too much', async () => {
  for (const status of [429, 500, 503]) {
    const asked: string[] = [];
    await using deps = await testKeyDeps({
      [host]: ({ path }) => {
        asked.push(path);
        return { status };
      },
    });
    await using metadata = openMetadata(deps, host);
    await assert.rejects(metadata.find({ url }), { code: 'SERVICE_UNAVAILABLE' });
    // Once: where there is no such service, each try costs its time.
    assert.equal(asked.length, 1);
  }
  const flood = { text: 'x'.repeat(cloudLimits.answerBytes + 1) };
  await assert.rejects(find(flood), { code: 'SERVICE_UNAVAILABLE' });
});

test('nobody is followed elsewhere', async () => {
  const followed: string[] = [];
  await using evil = await listen((request, response) => {
    followed.push(String(request.headers['x-secret']));
    response.end('evil');
  });
  for (const status of [301, 302, 303, 307, 308]) {
    await using deps = await testKeyDeps({ [host]: () => ({ status, headers: { location: `${evil.url}/` } }) });
    await using metadata = openMetadata(deps, host);
    assert.equal(await metadata.find({ url, headers: { 'x-secret': 'shhh' } }), undefined);
  }
  assert.deepEqual(followed, []);
});

test('the way there is past every proxy, and without TLS to this host alone', async () => {
  await using deps = await testKeyDeps({ [host]: () => ({ text: 'x' }) });
  await using _metadata = openMetadata(deps, host);
  assert.deepEqual(deps.opened, [{ plainHttpHosts: [host], proxy: {} }]);
});
