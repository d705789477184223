import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { heldTimers } from '../../../../testing/admission/held-timers.ts';
import fc from 'fast-check';
import {
  askProvider,
  openOwnProvider,
  providerRequest,
  providerVersion,
  readProviderResponse,
} from '../../../../testing/admission/own-provider.ts';
import { ownAuthority, ownMaterial, ownTls } from '../../../../testing/admission/own-server.ts';
import {
  type ClientTls,
  openClient,
  protocols,
  type ReviewClient,
} from '../../../../testing/admission/review-client.ts';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { makeCertificate, type TestCertificate } from '../../../../testing/registry/certificate.ts';
import { silentLogger } from '../../../base/logger.ts';
import { systemClock } from '../../../net/clock.ts';
import { AdmissionError } from '../../error.ts';
import type { JudgeProviderKey } from '../answer.ts';
import { gatekeeperLimits } from '../limits.ts';
import { openClientAuthorities } from './client-authorities.ts';
import { providerMetricTable } from './metrics.ts';
import type { ProviderServer } from './open-provider-server.ts';

const allow: JudgeProviderKey = () =>
  Promise.resolve({ verdict: { allowed: true, results: [], message: '', warnings: [], pins: [] } });
const gatekeeper = makeCertificate('gatekeeper-ca');
const identityOf = ({ cert, key }: TestCertificate): ClientTls => ({ cert, key });
const known = identityOf(makeCertificate('gatekeeper-webhook-service', { issuer: gatekeeper }));

function clientOf(
  t: TestContext,
  protocol: (typeof protocols)[number],
  { address }: ProviderServer,
  tls: ClientTls = {},
): ReviewClient {
  const client = openClient(protocol, address.port, ownAuthority.cert, 'localhost', tls);
  t.after(() => client[Symbol.dispose]());
  return client;
}

for (const protocol of protocols) {
  test(`every path of the provider answers over ${protocol}, also those of both versions of Ratify`, async (t) => {
    await using server = await openOwnProvider(allow);
    const client = clientOf(t, protocol, server);
    for (const version of ['v1', 'v2']) {
      for (const question of ['verify', 'mutate']) {
        for (const path of [`/gatekeeper/${question}`, `/ratify/gatekeeper/${version}/${question}?timeout=1s`]) {
          const answer = await client.send({ path, body: providerRequest(['nginx']) });
          assert.equal(answer.status, 200);
          const { items = [], idempotent, systemError } = readProviderResponse(answer);
          const [item] = items;
          assert.deepEqual([item?.key, item?.error, idempotent, systemError], ['nginx', '', true, undefined]);
          const value = item?.value as string & { readonly isSuccess?: boolean; readonly succeeded?: boolean };
          if (question === 'mutate') assert.equal(value, 'nginx');
          else assert.deepEqual([value.isSuccess, value.succeeded], [true, true]);
        }
      }
    }
  });

  test(`whatever the status over ${protocol}, the body says that there is no answer`, async (t) => {
    await using server = await openOwnProvider(allow);
    const client = clientOf(t, protocol, server);
    const path = '/gatekeeper/verify';
    const body = providerRequest(['nginx']);
    const asks: readonly (readonly [status: number, asked: Parameters<ReviewClient['send']>[0]])[] = [
      [404, { path: '/gatekeeper/other', body }],
      [404, { path: '/validate/fail', body }],
      [404, { path: '/metrics', method: 'GET' }],
      [404, { path: '/ratify/gatekeeper/v1/scan', body }],
      [405, { path, method: 'GET' }],
      [415, { path, body, headers: { 'content-type': 'text/plain' } }],
      [400, { path, body: Buffer.from('{') }],
      [400, { path, body: providerRequest(['a'], 'externaldata.gatekeeper.sh/v9') }],
      [
        400,
        { path, body: Buffer.from('{"apiVersion":"externaldata.gatekeeper.sh/v1beta1","kind":"ProviderRequest"}') },
      ],
      [413, { path, body: providerRequest(Array.from({ length: gatekeeperLimits.keys + 1 }, (_, at) => `a:${at}`)) }],
      [413, { path, body: Buffer.alloc(gatekeeperLimits.requestBytes + 1, ' ') }],
    ];
    for (const [status, asked] of asks) {
      const answer = await client.send(asked);
      const { items, systemError = '' } = readProviderResponse(answer);
      assert.deepEqual([answer.status, items, systemError !== ''], [status, [], true], `${asked.path} ${answer.body}`);
    }
    const { response, apiVersion } = JSON.parse(
      (await client.send({ path, body: providerRequest(['a'], 'externaldata.gatekeeper.sh/v1alpha1') })).body,
    ) as { response: { items: readonly unknown[] }; apiVersion: string };
    assert.deepEqual([apiVersion, response.items.length], ['externaldata.gatekeeper.sh/v1alpha1', 1]);
    assert.equal(readProviderResponse(await client.send({ path, body: providerRequest([]) })).items?.length, 0);
  });

  test(`only who has a certificate of the authority may ask over ${protocol}`, async (t) => {
    using folder = temporaryDirectory();
    const clientCa = folder.write('ca.crt', gatekeeper.cert);
    await using server = await openOwnProvider(allow, { settings: { clientCa } });
    const ask = (tls: ClientTls): Promise<unknown> =>
      askProvider(clientOf(t, protocol, server, tls), 'verify', 'nginx');
    assert.ok(await ask(known));
    const stranger = makeCertificate('gatekeeper-ca');
    const expired = makeCertificate('over', { issuer: gatekeeper, notAfter: Date.now() - 1000 });
    const others = [makeCertificate('self'), makeCertificate('other', { issuer: stranger }), expired];
    await assert.rejects(ask({}));
    for (const other of others) await assert.rejects(ask(identityOf(other)), other.name);
    assert.match(await server.registry.metrics(), /^seaworthy_gatekeeper_refused_total\{reason="handshake"\} 4$/m);
  });

  test(`nothing older than TLS 1.3 is spoken over ${protocol}, also with the next certificate`, async (t) => {
    const tls = ownTls();
    await using server = await openOwnProvider(allow, { tls });
    for (const name of ['first', 'second']) {
      assert.ok(await askProvider(clientOf(t, protocol, server), 'verify', 'nginx'), name);
      await assert.rejects(askProvider(clientOf(t, protocol, server, { maxVersion: 'TLSv1.2' }), 'verify', 'nginx'));
      tls.change(ownMaterial('second'));
    }
  });

  test(`another authority counts from when its file has it over ${protocol}, and what the one before vouched for ends`, async (t) => {
    using folder = temporaryDirectory();
    const clientCa = folder.write('ca.crt', gatekeeper.cert);
    await using server = await openOwnProvider(allow, { settings: { clientCa } });
    const old = clientOf(t, protocol, server, known);
    assert.ok(await askProvider(old, 'verify', 'nginx'));
    const next = makeCertificate('next gatekeeper-ca');
    const later = identityOf(makeCertificate('gatekeeper-webhook-service', { issuer: next }));
    await assert.rejects(askProvider(clientOf(t, protocol, server, later), 'verify', 'nginx'));
    // Both count while the one takes over.
    writeFileSync(clientCa, `${gatekeeper.cert}${next.cert}`);
    await server.check();
    for (const tls of [known, later])
      assert.ok(await askProvider(clientOf(t, protocol, server, tls), 'verify', 'nginx'));
    // What cannot be read changes nothing.
    for (const text of ['', 'nothing', known.cert as string]) {
      writeFileSync(clientCa, text);
      await server.check();
      assert.ok(await askProvider(clientOf(t, protocol, server, later), 'verify', 'nginx'));
    }
    writeFileSync(clientCa, next.cert);
    await server.check();
    await assert.rejects(askProvider(clientOf(t, protocol, server, known), 'verify', 'nginx'));
    await assert.rejects(askProvider(old, 'verify', 'nginx'));
    assert.ok(await askProvider(clientOf(t, protocol, server, later), 'verify', 'nginx'));
  });

  test(`a certificate that ends while its connection lasts counts no more over ${protocol}`, async (t) => {
    using folder = temporaryDirectory();
    let now = Date.now();
    const clock = { ...systemClock, now: () => now };
    const settings = { clientCa: folder.write('ca.crt', gatekeeper.cert) };
    await using server = await openOwnProvider(allow, { settings, clock });
    const soon = makeCertificate('soon', { issuer: gatekeeper, notAfter: now + 3_600_000 });
    const client = clientOf(t, protocol, server, identityOf(soon));
    assert.ok(await askProvider(client, 'verify', 'nginx'));
    now += 3_600_000;
    const answer = await client.send({ path: '/gatekeeper/verify', body: providerRequest(['nginx']) });
    assert.equal(answer.status, 403);
    assert.match(readProviderResponse(answer).systemError ?? '', /does not count any more/);
  });

  test(`an answer comes before Gatekeeper's time is over, with what is known by then, over ${protocol}`, async (t) => {
    const timers = heldTimers();
    const judging = Promise.withResolvers<undefined>();
    const judge: JudgeProviderKey = async (key, question, signal) => {
      if (key.image === 'quick') return await allow(key, question, signal);
      judging.resolve(undefined);
      return await new Promise((_done, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    };
    await using server = await openOwnProvider(judge, { startTimer: timers.start });
    const client = clientOf(t, protocol, server);
    const asked = askProvider(client, 'verify', 'quick', 'slow');
    await judging.promise;
    timers.fire(2000);
    await new Promise((done) => setImmediate(done));
    timers.fire(2500);
    const { items = [], systemError = '' } = await asked;
    assert.deepEqual(
      items.map(({ key }) => key),
      ['quick'],
    );
    assert.match(systemError, /^slow: there was no time/);
    assert.match(
      await server.registry.metrics(),
      /^seaworthy_gatekeeper_requests_total\{question="verify",outcome="late"\} 1$/m,
    );
  });

  test(`a judge that hears nothing does not keep the answer over ${protocol}`, async (t) => {
    const timers = heldTimers();
    const judging = Promise.withResolvers<undefined>();
    const judge: JudgeProviderKey = () => {
      judging.resolve(undefined);
      return new Promise(() => undefined);
    };
    await using server = await openOwnProvider(judge, { startTimer: timers.start });
    const asked = clientOf(t, protocol, server).send({ path: '/gatekeeper/mutate', body: providerRequest(['a']) });
    await judging.promise;
    timers.fire(1000);
    const answer = await asked;
    const { items, systemError = '' } = readProviderResponse(answer);
    assert.deepEqual([answer.status, items], [200, []]);
    assert.match(systemError, /no time/);
  });
}

test('a client that comes again shows its certificate again', async () => {
  using folder = temporaryDirectory();
  const clientCa = folder.write('ca.crt', gatekeeper.cert);
  await using server = await openOwnProvider(allow, { settings: { clientCa } });
  const { port } = server.address;
  const own = { ...known, port, host: '127.0.0.1', ca: ownAuthority.cert, servername: 'localhost' };
  /** @returns whether it went on with what an earlier one had, and what a later one would go on with */
  const come = async (session?: Buffer): Promise<readonly [boolean, Buffer | undefined]> => {
    const socket = connect({ ...own, ...(session === undefined ? {} : { session }) });
    const next = Promise.withResolvers<Buffer>();
    socket.on('session', (given: Buffer) => next.resolve(given)).on('error', next.reject);
    await once(socket, 'secureConnect');
    const reused = socket.isSessionReused();
    // Whoever goes on with a session is given no other.
    const later = reused ? undefined : await next.promise;
    socket.destroy();
    return [reused, later];
  };
  const [, session] = await come();
  assert.equal((await come(session))[0], false);
});

test('only so many requests are answered at a time, and the others are told so', async (t) => {
  const timers = heldTimers();
  const judging = Promise.withResolvers<undefined>();
  const judge: JudgeProviderKey = (_key, _question, signal) => {
    judging.resolve(undefined);
    return new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  await using server = await openOwnProvider(judge, { startTimer: timers.start, limits: { judgedAtOnce: 1 } });
  const client = clientOf(t, 'HTTP/2', server);
  const first = askProvider(client, 'verify', 'a');
  await judging.promise;
  const second = askProvider(client, 'verify', 'b');
  const requests = async (): Promise<string> => await server.registry.metrics();
  assert.match(await requests(), /connections_open 1$/m);
  await new Promise((done) => setTimeout(done, 20));
  timers.fire(2500);
  assert.match((await first).systemError ?? '', /^a: there was no time/);
  assert.match((await second).systemError ?? '', /too many images are being judged/);
});

test('an error that nobody foresaw is told as one, and not what it says', async (t) => {
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
  await using server = await openOwnProvider(() => Promise.reject(new TypeError('secret')), { logger });
  const { items, systemError = '' } = await askProvider(clientOf(t, 'HTTP/1.1', server), 'verify', 'a');
  assert.deepEqual([items, /secret/.test(systemError), systemError === '', errors.length], [[], false, false, 1]);
});

test('a file with authorities is needed where it is named', async () => {
  using folder = temporaryDirectory();
  const leaf = makeCertificate('leaf', { issuer: gatekeeper });
  for (const [name, text] of [
    ['none.crt', undefined],
    ['empty.crt', ''],
    ['key.crt', gatekeeper.key],
    ['leaf.crt', leaf.cert],
    ['broken.crt', gatekeeper.cert.replace(/^(.{80})./s, '$1!')],
    ['many.crt', gatekeeper.cert.repeat(51)],
  ] as const) {
    const path = text === undefined ? join(folder.path, name) : folder.write(name, text);
    const options = { path, clock: systemClock, logger: silentLogger, onChange: () => undefined };
    await assert.rejects(
      openClientAuthorities(options),
      (error: unknown) => error instanceof AdmissionError && error.code === 'CERTIFICATE_UNREADABLE',
      name,
    );
  }
});

test('whatever is sent, the answer is one of a provider, and nothing passes that was not judged', async (t) => {
  const judge: JudgeProviderKey = (key, question, signal) =>
    key.image.length % 2 === 0 ? allow(key, question, signal) : Promise.reject(new AdmissionError('OVERLOADED', 'no'));
  await using server = await openOwnProvider(judge);
  const client = clientOf(t, 'HTTP/2', server);
  const key = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('[a]b', '[', '[]', '[A]b', '__proto__'),
  );
  const body = fc.oneof(
    fc.array(key, { maxLength: 8 }).map((keys) => providerRequest(keys)),
    fc
      .record({
        apiVersion: fc.constantFrom(providerVersion, 1, 'x'),
        kind: fc.constantFrom('ProviderRequest', null),
        request: fc.jsonValue({ maxDepth: 2 }),
      })
      .map((value) => Buffer.from(JSON.stringify(value))),
    fc.jsonValue({ maxDepth: 2 }).map((value) => Buffer.from(JSON.stringify(value))),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom('verify', 'mutate', 'scan'), async (bytes, question) => {
      const { status, body: text } = await client.send({ path: `/gatekeeper/${question}`, body: bytes });
      const { items = [], systemError = '' } = readProviderResponse({ body: text });
      if (status !== 200) return assert.deepEqual([items, systemError !== ''], [[], true]);
      const { keys } = (JSON.parse(bytes.toString()) as { request: { keys: readonly string[] } }).request;
      const answered = new Set(items.map((item) => item.key));
      for (const each of keys) assert.ok(answered.has(each) || systemError !== '', text);
      for (const item of items) assert.ok(keys.includes(item.key), text);
    }),
    { numRuns: 100 },
  );
});

test('docs/admission.md lists every metric of what Gatekeeper asks', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'admission.md'), 'utf8');
  const row = /^\| `(seaworthy_gatekeeper_[a-z_]+)` *\| (counter|gauge|histogram) *\| (.*?) *\| (.+?) *\|$/gm;
  assert.deepEqual(
    [...page.matchAll(row)].map(([, ...cells]) => cells),
    Object.values(providerMetricTable).map(({ name, kind, labels, help }) => [
      name,
      kind,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]),
  );
});
