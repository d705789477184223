import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openNetwork } from '../../../net/open-network.ts';
import { formatPem } from '../../../codec/pem/pem.ts';
import { listen } from '../../../../testing/registry/listen.ts';
import { makeCertificate, testTime } from '../../../../testing/signing/certificate-maker.ts';
import { isRegistryAuthError } from '../error.ts';
import { jwkThumbprint, libtrustId, readCertificateKeys } from './certificate-keys.ts';
import { discoverJwks, fetchJwks } from './fetch-keys.ts';
import { fileKeys } from './file-keys.ts';
import { chooseKey, type JwtKey } from './key-source.ts';
import { jwtLimits } from './limits.ts';
import { parseJwks } from './parse-jwks.ts';
import { RemoteKeys } from './remote-keys.ts';

const one = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const two = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
const now = Date.now();
const jwk = (key: KeyObject, more: object = {}): object => ({ ...key.export({ format: 'jwk' }), kid: 'one', ...more });
const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const unavailable = (error: unknown): boolean => isRegistryAuthError(error, 'AUTH_UNAVAILABLE');
const ask = (id: string | undefined) => ({ algorithm: 'ES256', id, now });

test('parseJwks() takes keys for signatures, and passes over the others', () => {
  const count = (...keys: readonly unknown[]): number => parseJwks(bytes({ keys }), 'x').length;
  assert.equal(count(jwk(one), jwk(two, { use: 'sig', key_ops: ['verify'], alg: 'ES256' })), 2);
  const others = [
    jwk(one, { use: 'enc' }),
    jwk(one, { key_ops: ['encrypt'] }),
    jwk(one, { kty: 'RSA' }),
    jwk(one, { crv: 'P-999' }),
    { kty: 'oct', k: 'c2VjcmV0', kid: 'one', alg: 'HS256' },
    { kty: 'EC' },
    null,
    'text',
    [],
  ];
  assert.equal(count(...others), 0);
  for (const bad of ['', 'null', '[]', '{}', '{"keys":{}}', '{"keys":[],"keys":[]}', '\ufeff{"keys":[]}']) {
    assert.throws(() => parseJwks(bytes(bad), 'x'), unavailable, bad);
  }
  const many = Array.from({ length: jwtLimits.keys + 1 }, () => jwk(one));
  assert.throws(() => parseJwks(bytes({ keys: many }), 'x'), unavailable);
});

test('a key is taken for the algorithm that its owner names', () => {
  const keys = parseJwks(bytes({ keys: [jwk(one, { alg: 'ES384' })] }), 'x');
  assert.equal(chooseKey(keys, ask('one')), undefined);
  assert.equal(chooseKey(parseJwks(bytes({ keys: [jwk(one)] }), 'x'), ask('one'))?.equals(one), true);
});

interface Bench {
  readonly keys: RemoteKeys;
  readonly clock: { time: number };
  readonly source: { list: readonly JwtKey[]; down: boolean; fetches: number };
}

function bench(): Bench {
  const clock = { time: 0 };
  const source: Bench['source'] = { list: [{ key: one, ids: ['one'] }], down: false, fetches: 0 };
  const keys = new RemoteKeys({
    subject: 'the issuer',
    async fetch() {
      source.fetches += 1;
      await Promise.resolve();
      if (source.down) throw new Error('down');
      return source.list;
    },
    clock: { monotonic: () => clock.time },
  });
  return { keys, clock, source };
}

test('remote keys are fetched once for all who wait', async () => {
  const { keys, source } = bench();
  const found = await Promise.all(Array.from({ length: 50 }, () => keys.find(ask('one'))));
  assert.ok(found.every((key) => key === one));
  assert.equal(source.fetches, 1);
});

test('a new key is found, though unknown ones are not looked up all the time', async () => {
  const { keys, source, clock } = bench();
  await keys.find(ask('one'));
  source.list = [...source.list, { key: two, ids: ['two'] }];
  for (let count = 0; count < 100; count += 1) assert.equal(await keys.find(ask(`unknown${count}`)), undefined);
  assert.equal(source.fetches, 1);
  clock.time += jwtLimits.refetchAfter;
  assert.equal(await keys.find(ask('two')), two);
  assert.equal(await keys.find(ask('one')), one);
  assert.equal(source.fetches, 2);
});

test('a key that was withdrawn goes within minutes', async () => {
  const { keys, source, clock } = bench();
  await keys.find(ask('one'));
  source.list = [{ key: two, ids: ['two'] }];
  clock.time += jwtLimits.freshFor - 1;
  assert.equal(await keys.find(ask('one')), one);
  clock.time += 1;
  assert.equal(await keys.find(ask('one')), undefined);
});

test('while the issuer is down, known keys count for a day, and unknown ones are "could not look"', async () => {
  const { keys, source, clock } = bench();
  await keys.find(ask('one'));
  source.down = true;
  clock.time += jwtLimits.freshFor;
  assert.equal(await keys.find(ask('one')), one);
  await assert.rejects(keys.find(ask('two')), unavailable);
  for (let count = 0; count < 20; count += 1) assert.equal(await keys.find(ask('one')), one);
  assert.equal(source.fetches, 2);
  clock.time += jwtLimits.staleFor;
  await assert.rejects(keys.find(ask('one')), unavailable);
  source.down = false;
  clock.time += jwtLimits.retryAfter;
  assert.equal(await keys.find(ask('one')), one);
});

test('an issuer that was never reached is asked again after a pause', async () => {
  const { keys, source, clock } = bench();
  source.down = true;
  for (let count = 0; count < 10; count += 1) await assert.rejects(keys.find(ask('one')), unavailable);
  assert.equal(source.fetches, 1);
  source.down = false;
  clock.time += jwtLimits.retryAfter;
  assert.equal(await keys.find(ask('one')), one);
});

test('whoever is told to stop stops waiting, and nobody else', async () => {
  const { keys } = bench();
  const controller = new AbortController();
  const stopped = keys.find({ ...ask('one'), signal: controller.signal });
  const waits = keys.find(ask('one'));
  controller.abort(new Error('left'));
  await assert.rejects(stopped, /left/);
  assert.equal(await waits, one);
});

test('discoverJwks() follows what the issuer says of itself', async () => {
  let issuer = '';
  const documents: Record<string, unknown> = {};
  const seen: string[] = [];
  const answer: RequestListener = (request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? '-'}`);
    const document = documents[request.url ?? ''];
    response.writeHead(document === undefined ? 404 : 200).end(JSON.stringify(document));
  };
  await using server = await listen(answer);
  await using network = openNetwork();
  const { signal } = new AbortController();
  issuer = `${server.url}/tenant`;
  const discovery = '/tenant/.well-known/openid-configuration';
  documents['/keys'] = { keys: [jwk(one)] };
  documents[discovery] = { issuer, jwks_uri: `${server.url}/keys` };
  const door = { network, authorization: () => Promise.resolve('Bearer cluster') };
  const keys = await discoverJwks(door, issuer, signal);
  assert.equal(chooseKey(keys, ask('one'))?.equals(one), true);
  assert.deepEqual(seen, [`${discovery} Bearer cluster`, '/keys Bearer cluster']);
  for (const document of [
    { issuer: `${issuer}/`, jwks_uri: `${server.url}/keys` },
    { jwks_uri: `${server.url}/keys` },
    { issuer },
    { issuer, jwks_uri: 'nonsense' },
    { issuer, jwks_uri: `${server.url}/nothing` },
    [],
    'x'.repeat(jwtLimits.discoveryBytes + 1),
  ]) {
    documents[discovery] = document;
    await assert.rejects(discoverJwks({ network }, issuer, signal), unavailable, JSON.stringify(document).slice(0, 80));
  }
  delete documents[discovery];
  await assert.rejects(discoverJwks({ network }, issuer, signal), unavailable);
});

test('fetchJwks() gives up on what is too long, and on nobody there', async () => {
  await using network = openNetwork();
  const { signal } = new AbortController();
  let url = '';
  {
    await using server = await listen((_, response) => response.end('x'.repeat(jwtLimits.keysBytes + 1)));
    ({ url } = server);
    await assert.rejects(fetchJwks({ network }, url, signal), unavailable);
  }
  await assert.rejects(fetchJwks({ network }, url, signal), unavailable);
});

test('a bundle of certificates is the keys in it, while the certificates hold', () => {
  const made = makeCertificate({ subject: 'auth' });
  const pem = formatPem({ label: 'CERTIFICATE', bytes: made.der });
  const keys = readCertificateKeys(`${pem}\n${pem}`, 'x');
  assert.equal(keys.length, 2);
  const at = testTime.getTime();
  const find = (id: string, time: number): KeyObject | undefined =>
    chooseKey(keys, { algorithm: 'ES256', id, now: time });
  for (const id of [libtrustId(made.keys.publicKey), jwkThumbprint(made.keys.publicKey)]) {
    assert.equal(find(id, at)?.equals(made.keys.publicKey), true);
    assert.equal(find(id, at + 3_600_000), undefined);
    assert.equal(find(id, at - 3_600_000), undefined);
  }
  assert.match(libtrustId(one), /^(?:[A-Z2-7]{4}:){11}[A-Z2-7]{4}$/);
  for (const bad of ['', 'text', pem.slice(0, 100), formatPem({ label: 'CERTIFICATE', bytes: Buffer.from('x') })]) {
    assert.throws(
      () => readCertificateKeys(bad, 'x'),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID'),
    );
  }
});

test('jwkThumbprint() is that of RFC 7638, 3.1', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn6' +
    '4tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n' +
    '91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const [key] = parseJwks(bytes({ keys: [{ kty: 'RSA', n, e: 'AQAB' }] }), 'x');
  assert.ok(key);
  assert.equal(jwkThumbprint(key.key), 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('keys in a file are read again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seaworthy-keys-'));
  try {
    const path = join(folder, 'keys.json');
    const clock = { time: 0 };
    const keys = fileKeys(path, { monotonic: () => clock.time });
    await assert.rejects(keys.find(ask('one')), unavailable);
    await writeFile(path, bytes({ keys: [jwk(one)] }));
    clock.time += jwtLimits.pollAfter;
    assert.equal((await keys.find(ask('one')))?.equals(one), true);
    await writeFile(path, bytes({ keys: [jwk(two)] }));
    clock.time += jwtLimits.pollAfter;
    assert.equal((await keys.find(ask('one')))?.equals(two), true);
    await writeFile(path, Buffer.alloc(jwtLimits.fileBytes + 1));
    clock.time += jwtLimits.staleFor;
    await assert.rejects(keys.find(ask('one')), unavailable);
  } finally {
    await rm(folder, { recursive: true });
  }
});
