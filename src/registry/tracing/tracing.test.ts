import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { startReceiver } from '../../../testing/registry/event-receiver.ts';
import { silentLogger } from '../../base/logger.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { openNetwork } from '../../net/open-network.ts';
import { encodeSpans } from './encode-spans.ts';
import { tracingLimits } from './limits.ts';
import { exportedTraces, headerTraces } from './request-traces.ts';
import { SpanExporter } from './span-exporter.ts';
import { type Span, spanOf, type TracedRequest } from './span.ts';
import { parseTraceparent } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const sampled = { traceId, parentId, sampled: true };

for (const [text, expected] of [
  [`00-${traceId}-${parentId}-01`, sampled],
  [`00-${traceId}-${parentId}-00`, { ...sampled, sampled: false }],
  [`00-${traceId}-${parentId}-03`, sampled],
  [`cc-${traceId}-${parentId}-01`, sampled],
  [`cc-${traceId}-${parentId}-01-what-will-come`, sampled],
  [`cc-${traceId}-${parentId}-01.what`, undefined],
  [`00-${traceId}-${parentId}-01-more`, undefined],
  [`ff-${traceId}-${parentId}-01`, undefined],
  [`00-${'0'.repeat(32)}-${parentId}-01`, undefined],
  [`00-${traceId}-${'0'.repeat(16)}-01`, undefined],
  [`00-${traceId.toUpperCase()}-${parentId}-01`, undefined],
  [`00-${traceId}-${parentId}`, undefined],
  [`00-${traceId}-${parentId}-01, 00-${traceId}-${parentId}-01`, undefined],
  ['', undefined],
  ['0'.repeat(30_000), undefined],
] as const) {
  test(`parseTraceparent() reads ${text.slice(0, 60)}`, () => {
    assert.deepEqual(parseTraceparent(text), expected);
  });
}

function requestOf(
  headers: Readonly<Record<string, string>> = {},
  url = '/v2/app/manifests/v1?secret=1',
): IncomingMessage {
  const all = { host: 'registry.example.org:5000', 'user-agent': 'docker/1\u0007', ...headers };
  return { url, headers: all, httpVersion: '1.1', socket: { remoteAddress: '192.0.2.1' } } as never;
}

function traced(rest: Partial<TracedRequest> = {}): TracedRequest {
  return {
    request: requestOf(),
    method: 'GET',
    route: '/v2/{name}/manifests/{reference}',
    status: 200,
    seconds: 0.25,
    receivedBytes: 0,
    sentBytes: 7,
    errorType: undefined,
    ...rest,
  };
}

test('encodeSpans() writes the span of a server, as OTLP in JSON', () => {
  const end = Date.UTC(2026, 0, 2) + 500;
  const context = { traceId, parentId, sampled: true };
  const span = spanOf(traced({ request: requestOf({ tracestate: 'a=b' }) }), context, end);
  const { resourceSpans } = JSON.parse(encodeSpans([span], { version: '1.2.3', instance: 'i' })) as {
    resourceSpans: { resource: object; scopeSpans: { scope: object; spans: object[] }[] }[];
  };
  assert.deepEqual(resourceSpans[0]?.resource, {
    attributes: [
      { key: 'service.name', value: { stringValue: 'seaworthy-registry' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'service.instance.id', value: { stringValue: 'i' } },
    ],
  });
  const texts = { method: 'http.request.method', route: 'http.route' };
  assert.deepEqual(resourceSpans[0]?.scopeSpans[0]?.spans, [
    {
      traceId,
      spanId: span.spanId,
      parentSpanId: parentId,
      traceState: 'a=b',
      name: 'GET /v2/{name}/manifests/{reference}',
      kind: 2,
      startTimeUnixNano: `${end - 250}000000`,
      endTimeUnixNano: `${end}000000`,
      attributes: [
        { key: texts.method, value: { stringValue: 'GET' } },
        { key: texts.route, value: { stringValue: '/v2/{name}/manifests/{reference}' } },
        { key: 'http.response.status_code', value: { intValue: '200' } },
        { key: 'http.response.body.size', value: { intValue: '7' } },
        { key: 'url.scheme', value: { stringValue: 'http' } },
        { key: 'url.path', value: { stringValue: '/v2/app/manifests/v1' } },
        { key: 'network.protocol.version', value: { stringValue: '1.1' } },
        { key: 'server.address', value: { stringValue: 'registry.example.org' } },
        { key: 'server.port', value: { intValue: '5000' } },
        { key: 'client.address', value: { stringValue: '192.0.2.1' } },
        { key: 'user_agent.original', value: { stringValue: 'docker/1\uFFFD' } },
      ],
    },
  ]);
  assert.match(span.spanId, /^[0-9a-f]{16}$/);
});

for (const [rest, name, failed, attributes] of [
  [{ status: 404 }, 'GET /v2/{name}/manifests/{reference}', false, { 'error.type': undefined }],
  [{ status: 500, errorType: 'STORE_FULL' }, undefined, true, { 'error.type': 'STORE_FULL' }],
  [{ status: 503 }, undefined, true, { 'error.type': '503' }],
  [{ status: 499 }, undefined, true, { 'error.type': 'client_gone', 'http.response.status_code': undefined }],
  [
    { method: 'BREW', route: undefined, status: 405 },
    'HTTP',
    false,
    { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW', 'http.route': undefined },
  ],
] as const) {
  test(`spanOf() tells of ${JSON.stringify(rest)}`, () => {
    const span = spanOf(traced(rest), { traceId, parentId: undefined, sampled: true }, 1000);
    if (name !== undefined) assert.equal(span.name, name);
    assert.equal(span.failed, failed);
    for (const [key, value] of Object.entries(attributes)) assert.equal(span.attributes[key], value, key);
  });
}

test('exportedTraces() gives each request one trace, and heeds what is not recorded', () => {
  const spans: Span[] = [];
  const tracing = exportedTraces({ add: (span) => void spans.push(span) }, () => 1000);
  const own = requestOf();
  const id = tracing.idOf(own);
  assert.match(id ?? '', /^[0-9a-f]{32}$/);
  assert.equal(tracing.idOf(own), id);
  assert.notEqual(tracing.idOf(requestOf()), id);
  assert.equal(headerTraces.idOf(own), undefined);
  const given = requestOf({ traceparent: `00-${traceId}-${parentId}-01` });
  const quiet = requestOf({ traceparent: `00-${traceId}-${parentId}-00` });
  for (const request of [own, given, quiet]) tracing.observe?.(traced({ request }));
  assert.deepEqual([tracing.idOf(given), headerTraces.idOf(given), tracing.idOf(quiet)], [traceId, traceId, traceId]);
  assert.deepEqual(
    spans.map(({ context }) => [context.traceId, context.parentId]),
    [
      [id, undefined],
      [traceId, parentId],
    ],
  );
});

const span = spanOf(traced(), sampled, 1000);

/** An exporter whose clock a test decides, and what became of its spans. */
function exporterTo(url: string): {
  readonly exporter: SpanExporter;
  readonly counts: { exported: number; dropped: number };
  readonly network: AsyncDisposable;
  readonly time: { ahead: number };
} {
  const counts = { exported: 0, dropped: 0 };
  const time = { ahead: 0 };
  const clock: Clock = { ...systemClock, monotonic: () => time.ahead, random: () => 1 };
  const network = openNetwork();
  const exporter = new SpanExporter({
    url: new URL('/v1/traces', url),
    network,
    clock,
    logger: silentLogger,
    resource: { version: '1', instance: 'i' },
    observe: (outcome, spans) => void (counts[outcome] += spans),
  });
  return { exporter, counts, network, time };
}

test('SpanExporter sends many spans at once, a full batch without waiting, and the rest when it ends', async () => {
  await using receiver = await startReceiver((response) => response.end('{}'));
  const { exporter, counts, network } = exporterTo(receiver.url);
  await using _network = network;
  for (let at = 0; at < tracingLimits.batch + 5; at += 1) exporter.add(span);
  await receiver.until(1);
  await exporter[Symbol.asyncDispose]();
  assert.deepEqual(counts, { exported: tracingLimits.batch + 5, dropped: 0 });
  assert.equal(receiver.received.length, 2);
  assert.equal(receiver.received[0]?.headers['content-type'], 'application/json');
});

test('SpanExporter waits out a collector that is away, and drops and counts what is too much', async () => {
  let status = 503;
  await using receiver = await startReceiver((response) => response.writeHead(status, { 'retry-after': '7' }).end());
  const { exporter, counts, network, time } = exporterTo(receiver.url);
  await using _network = network;
  exporter.add(span);
  await exporter.flush();
  assert.equal(receiver.received.length, 1);
  for (let at = 0; at < 3000; at += 1) exporter.add(span);
  await exporter.flush();
  time.ahead += 6900;
  await exporter.flush();
  assert.equal(receiver.received.length, 1, 'it is left alone for as long as it asked');
  assert.deepEqual(counts, { exported: 0, dropped: 3001 - tracingLimits.waiting });
  status = 200;
  time.ahead += 200;
  await exporter.flush();
  assert.equal(counts.exported, tracingLimits.waiting);
  // What it calls wrong for good is not sent again.
  status = 400;
  exporter.add(span);
  await exporter.flush();
  await exporter[Symbol.asyncDispose]();
  assert.deepEqual(counts, { exported: tracingLimits.waiting, dropped: 3002 - tracingLimits.waiting });
});

test('SpanExporter counts what a collector rejects, whatever it answers', async () => {
  const answers = [
    '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no"}}',
    'x',
    '{"partialSuccess":{"rejectedSpans":-5}}',
  ];
  await using receiver = await startReceiver((response, count) => response.end(answers[count - 1]));
  const { exporter, counts, network } = exporterTo(receiver.url);
  await using _network = network;
  for (const _ of answers) {
    for (let at = 0; at < 3; at += 1) exporter.add(span);
    await exporter.flush();
  }
  assert.deepEqual(counts, { exported: 7, dropped: 2 });
  await exporter[Symbol.asyncDispose]();
});

test('SpanExporter drops what waits when it ends and nobody is there', async () => {
  const { exporter, counts, network } = exporterTo('http://127.0.0.1:1');
  await using _network = network;
  exporter.add(span);
  await exporter[Symbol.asyncDispose]();
  assert.deepEqual(counts, { exported: 0, dropped: 1 });
});
