import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { NetError } from '../../net/error.ts';
import type { Network, NetworkRequest } from '../../net/network.ts';
import { BoundedNetwork } from './bounded-network.ts';
import { Circuit } from './circuit.ts';

const base = new URL('https://registry-1.docker.io/');

interface Bench {
  readonly network: BoundedNetwork;
  readonly clock: ReturnType<typeof instantClock>;
  readonly sent: NetworkRequest[];
  readonly spent: string[];
  readonly seen: string[];
  /** What the next answers are. */
  status: number;
  headers: Readonly<Record<string, string>>;
}

function makeBench(publicOnly = true): Bench {
  const clock = instantClock();
  const sent: NetworkRequest[] = [];
  const spent: string[] = [];
  const seen: string[] = [];
  const inner: Network = {
    clock,
    plainHttp: () => undefined,
    request(request) {
      sent.push(request);
      if (bench.status === 0) return Promise.reject(new NetError('REFUSED', base.host, 'nobody is there'));
      const headers = new Map(Object.entries(bench.headers));
      const url = new URL(request.url);
      return Promise.resolve({
        status: bench.status,
        headers,
        url,
        body: (async function* () {})(),
        discard: () => undefined,
      });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const network = new BoundedNetwork({
    network: inner,
    base,
    publicOnly,
    circuit: new Circuit('docker.io', clock),
    spend: (kind) => Promise.resolve(void spent.push(kind)),
    refund: () => Promise.resolve(void spent.push('back')),
    observe: (kind, outcome) => void seen.push(`${kind} ${outcome}`),
  });
  const bench: Bench = { network, clock, sent, spent, seen, status: 200, headers: {} };
  return bench;
}

const manifest = new URL('/v2/library/nginx/manifests/latest', base);

test('an answer that asks for a token is no fetched manifest', async () => {
  const bench = makeBench();
  bench.status = 401;
  await bench.network.request({ url: manifest });
  await bench.network.request({ url: manifest, method: 'HEAD' });
  await bench.network.request({ url: new URL('/v2/library/nginx/blobs/sha256:1', base) });
  bench.status = 200;
  await bench.network.request({ url: manifest });
  assert.deepEqual(bench.spent, ['manifest', 'back', 'head', 'blob', 'manifest']);
});

test('every request is kept from private addresses, and sent once', async () => {
  for (const publicOnly of [true, false]) {
    const bench = makeBench(publicOnly);
    await bench.network.request({ url: manifest });
    await bench.network.request({ url: 'https://auth.docker.io/token', method: 'POST', idempotent: true });
    for (const request of bench.sent) {
      assert.equal(request.publicOnly, publicOnly);
      assert.equal(request.idempotent, false);
      assert.equal(request.headers?.['accept-encoding'], 'identity');
    }
    assert.equal(bench.sent.length, 2);
  }
});

test('requests are counted by what they ask for', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const bench = makeBench();
  for (const [method, path] of [
    ['GET', 'library/nginx/manifests/latest'],
    ['HEAD', 'library/nginx/manifests/latest'],
    ['GET', `library/nginx/blobs/${digest}`],
    ['GET', 'library/nginx/tags/list?n=1000'],
    ['GET', `library/nginx/referrers/${digest}`],
    ['GET', ''],
    // A repository may be called as a word of the API.
    ['GET', 'blobs/manifests/tags/list'],
  ] as const) {
    await bench.network.request({ method, url: new URL(`/v2/${path}`, base) });
  }
  await bench.network.request({ url: 'https://auth.docker.io/token' });
  const kinds = ['manifest', 'head', 'blob', 'list', 'list', 'list', 'list'];
  assert.deepEqual(bench.spent, kinds);
  assert.deepEqual(
    bench.seen,
    [...kinds, 'token'].map((kind) => `${kind} ok`),
  );
});

test('after 429, the same is not asked for before its time', async () => {
  const bench = makeBench();
  bench.status = 429;
  bench.headers = { 'retry-after': '90' };
  await bench.network.request({ url: manifest });
  await assert.rejects(bench.network.request({ url: manifest }), { name: 'UpstreamTrouble', code: 'LIMITED' });
  bench.status = 200;
  await bench.network.request({ method: 'HEAD', url: manifest });
  bench.clock.skip(80_000);
  await assert.rejects(bench.network.request({ url: manifest }), { code: 'LIMITED' });
  bench.clock.skip(11_000);
  await bench.network.request({ url: manifest });
  assert.deepEqual(bench.seen, ['manifest limited', 'head ok', 'manifest ok']);
  // However long an upstream wants, it is asked again within the hour.
  bench.status = 429;
  bench.headers = { 'retry-after': '999999999' };
  await bench.network.request({ url: manifest });
  bench.status = 200;
  bench.clock.skip(3_601_000);
  await bench.network.request({ url: manifest });
});

test('after failures in a row, one request every so often tells whether it is back', async () => {
  for (const status of [0, 503]) {
    const bench = makeBench();
    bench.status = status;
    const ask = (): Promise<unknown> => bench.network.request({ url: manifest }).catch((error: unknown) => error);
    for (let round = 0; round < 20; round += 1) await ask();
    assert.equal(bench.sent.length, 5);
    bench.clock.skip(16_000);
    for (let round = 0; round < 3; round += 1) await ask();
    assert.equal(bench.sent.length, 6);
    bench.status = 404;
    bench.clock.skip(16_000);
    for (let round = 0; round < 3; round += 1) await ask();
    assert.equal(bench.sent.length, 9, 'it answers');
  }
});
