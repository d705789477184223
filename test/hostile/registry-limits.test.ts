import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfText } from '../../testing/registry/own-registry.ts';
import { startServiceOf } from '../../testing/registry/service-of-text.ts';
import { rawConnect, rawHead } from '../../testing/registry/raw-http.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';

function imageOf(config: string, size: number, annotation = ''): string {
  const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size };
  const annotations = { annotation };
  return JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: descriptor, layers: [], annotations });
}

const settings = (limits: string): string =>
  `registry: { listen: 127.0.0.1:0, metrics: { listen: 127.0.0.1:0 }, ${limits} }`;

test('a registry holds clients to the sizes of its configuration', async () => {
  await using own = await startServiceOf(
    settings('limits: { manifestBytes: 2KiB, pageEntries: 2 }, uploads: { maxBytes: 5KiB }'),
  );
  const headers = { 'content-type': imageType };
  const config = digestOfText('{}');
  const post = (bytes: string): ReturnType<typeof own.ask> =>
    own.ask('POST', `/v2/a/blobs/uploads/?digest=${digestOfText(bytes)}`, { body: bytes });
  assert.equal((await post('{}')).status, 201);
  const rest = 2048 - imageOf(config, 2).length;
  for (const [length, status] of [
    [rest, 201],
    [rest + 1, 413],
  ] as const) {
    const body = imageOf(config, 2, 'x'.repeat(length));
    assert.equal((await own.ask('PUT', '/v2/a/manifests/a', { headers, body })).status, status);
  }
  for (const tag of ['b', 'c']) {
    assert.equal((await own.ask('PUT', `/v2/a/manifests/${tag}`, { headers, body: imageOf(config, 2) })).status, 201);
  }
  const blob = (size: number): Promise<number> => post('x'.repeat(size)).then(({ status }) => status);
  assert.deepEqual([await blob(5120), await blob(5121)], [201, 413]);
  const page = await own.ask('GET', '/v2/a/tags/list?n=1000');
  assert.equal(page.body, '{"name":"a","tags":["a","b"]}');
  assert.equal(page.headers.get('link'), '</v2/a/tags/list?n=2&last=b>; rel="next"');
  const api = await own.ask('GET', '/api/v1/repositories/a/tags?limit=500');
  assert.equal((JSON.parse(api.body) as { items: unknown[] }).items.length, 2);
  // At once, as the documents say of it.
  await own.apply(settings('limits: { manifestBytes: 2KiB, pageEntries: 2 }, uploads: { maxBytes: 6KiB }'));
  assert.deepEqual([await blob(6144), await blob(6145)], [201, 413]);
});

test('a registry holds clients to the connections and times of its configuration, and tells of it', async () => {
  await using own = await startServiceOf(settings('limits: { connections: 2, idleTimeout: 2s }'));
  const first = await rawConnect(own.host);
  using second = await rawConnect(own.host);
  const begin = rawHead('PUT /v2/a/manifests/a', 'Content-Length: 5');
  for (const connection of [first, second]) await connection.send(begin);
  while (!/^seaworthy_registry_requests_open 2$/m.test(await own.metrics())) await new Promise(setImmediate);
  using third = await rawConnect(own.host);
  await third.send(rawHead('GET /v2/'));
  assert.equal((await third.answer())?.status, 503);
  assert.match(await own.metrics(), /^seaworthy_registry_connections_open 2$/m);
  // Silent in the middle of what they send.
  await Promise.all([first.closed, second.closed]);
  using fourth = await rawConnect(own.host);
  await fourth.send(rawHead('GET /v2/'));
  assert.equal((await fourth.answer())?.status, 200);
  const metrics = await own.metrics();
  assert.match(metrics, /^seaworthy_registry_connections_ended_total\{reason="refused"\} 1$/m);
  assert.match(metrics, /^seaworthy_registry_connections_ended_total\{reason="silent"\} 2$/m);
});
