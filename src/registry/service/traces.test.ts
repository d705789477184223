import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { startReceiver } from '../../../testing/registry/event-receiver.ts';
import { askService, pushImage, serviceConfig, startOwnService } from '../../../testing/registry/own-service.ts';

interface SentSpan {
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly intValue?: string } }[];
}

const settings = (more: string): string => `
registry:
  listen: 127.0.0.1:0
  metrics: {listen: 127.0.0.1:0}
  auth: {htpasswd: users, token: {}}
  permissions: [{repositories: ['**'], actions: ['*'], to: [user:alice]}]
${more}`;

const traceId = 'a'.repeat(32);
const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;
const user = 'alice:a';

test('with a collector, each request is a span of its trace; without one, traces are named all the same', async () => {
  await using collector = await startReceiver();
  using folder = temporaryDirectory();
  folder.write('users', `alice:${hashSync('a', 4)}\n`);
  const config = await serviceConfig(folder, settings(`  tracing: {endpoint: '${collector.url}'}\n`));
  let metrics: string;
  {
    await using service = await startOwnService(config);
    const { url } = service;
    assert.equal(await pushImage(url, 'app', 'v1', 'one', { user, headers: { traceparent } }), 201);
    await askService(url, 'GET', '/v2/app/manifests/v1', { user });
    await askService(url, 'GET', '/v2/app/manifests/none?token=hidden', { user });
    await askService(url, 'GET', '/api/v1/totals', { user });
    assert.equal((await askService(url, 'GET', '/token?service=seaworthy', { user })).status, 200);
    metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
  }
  for (const route of ['api', 'token']) {
    assert.match(metrics, new RegExp(`requests_total\\{route="${route}",method="GET",status="200"\\} 1\n`));
  }
  assert.match(metrics, /seaworthy_registry_requests_open 0\n/);
  // What waited is sent when the registry ends.
  const spans = collector.received.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body) as {
      readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
  const manifest = '/v2/{name}/manifests/{reference}';
  assert.deepEqual(
    spans.map(({ name, attributes }) => [
      name,
      attributes.find(({ key }) => key === 'http.response.status_code')?.value.intValue,
    ]),
    [
      ['POST /v2/{name}/blobs/uploads/', '201'],
      [`PUT ${manifest}`, '201'],
      [`GET ${manifest}`, '200'],
      [`GET ${manifest}`, '404'],
      ['GET /api/v1/totals', '200'],
      ['GET /token', '200'],
    ],
  );
  assert.deepEqual([spans[1]?.traceId, spans[1]?.parentSpanId], [traceId, 'b'.repeat(16)]);
  assert.equal(new Set(spans.map((span) => span.traceId)).size, spans.length);
  assert.ok(!collector.received.some(({ body }) => body.includes('hidden')));

  await using service = await startOwnService(await serviceConfig(folder, settings('')));
  assert.equal(await pushImage(service.url, 'app', 'v2', 'two', { user, headers: { traceparent } }), 201);
  const traced = async (): Promise<readonly string[]> => {
    const answer = await askService(service.url, 'GET', '/api/v1/audit?image=app:v*', { user });
    const { items } = (await answer.json()) as { items: { action: string; reference: string; traceId?: string }[] };
    return items.map((item) => `${item.action} ${item.reference} ${item.traceId}`);
  };
  for (let look = 0; look < 300 && (await traced()).length < 3; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual(await traced(), [
    `push v1 ${traceId}`,
    // Its trace began here.
    `pull v1 ${spans[2]?.traceId}`,
    `push v2 ${traceId}`,
  ]);
  assert.equal(collector.received.length, 1);
});
