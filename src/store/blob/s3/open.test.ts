import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantClock } from '../../../../testing/registry/instant-clock.ts';
import {
  append,
  assertBytes,
  collect,
  digestOf,
  listAll,
  newUpload,
  readBlob,
  someBytes,
} from '../../../../testing/store/blob-data.ts';
import type { BlobPlace } from '../../../../testing/store/blob-place.ts';
import { testBlobStore } from '../../../../testing/store/blob-store-contract.ts';
import { makeS3Place } from '../../../../testing/store/s3-place.ts';
import {
  bucketName,
  region,
  type S3Fault,
  type S3Server,
  type S3ServerOptions,
  startS3Server,
} from '../../../../testing/store/s3-server.ts';
import type { Network } from '../../../net/network.ts';
import { openNetwork } from '../../../net/open-network.ts';
import type { BlobStore } from '../blob-store.ts';
import { Keys } from './keys.ts';
import { openS3BlobStore, type S3BlobStoreOptions } from './open.ts';

const MiB = 1024 * 1024;
const keys = new Keys('team/images/');

interface S3Lab extends AsyncDisposable {
  readonly server: S3Server;
  readonly network: Network;
  open(more?: Partial<S3BlobStoreOptions>): Promise<BlobStore>;
}

async function makeLab(options: S3ServerOptions = {}): Promise<S3Lab> {
  const server = await startS3Server(options);
  const network = openNetwork({ clock: instantClock(), widthPerHost: 100 });
  return {
    server,
    network,
    open: (more = {}) =>
      openS3BlobStore({
        network,
        endpoint: server.url,
        region,
        bucket: bucketName,
        prefix: keys.prefix,
        credentials: server.credentials,
        partBytes: 5 * MiB,
        ...more,
      }),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function makePlace(options: S3ServerOptions = {}): Promise<BlobPlace> {
  const lab = await makeLab(options);
  const { server, network } = lab;
  const { credentials } = server;
  const place = makeS3Place({ network, endpoint: server.url, region, bucket: bucketName, credentials });
  return { ...place, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
}

testBlobStore('s3', () => makePlace({ pageSize: 3 }));

test('openS3BlobStore() writes a marker, and refuses what is something else', async () => {
  await using lab = await makeLab();
  const { bucket } = lab.server;
  await lab.open();
  await lab.open();
  assert.deepEqual([...bucket.objects.keys()], [keys.marker]);
  for (const [code, text] of [
    ['STORE_TOO_NEW', '{"format":"seaworthy-blobs","version":2}'],
    ['STORE_DAMAGED', '{}'],
    ['STORE_DAMAGED', ''],
  ] as const) {
    bucket.put(keys.marker, Buffer.from(text));
    await assert.rejects(lab.open(), { code });
  }
  bucket.objects.delete(keys.marker);
  bucket.put(`${keys.prefix}docker/registry`, Buffer.from('of another program'));
  await assert.rejects(lab.open(), { code: 'STORE_SETTING_INVALID' });
  await lab.open({ prefix: '' }).then(
    () => assert.fail('the whole bucket is not empty'),
    (error: { code?: string }) => assert.equal(error.code, 'STORE_SETTING_INVALID'),
  );
  await lab.open({ prefix: 'another/' });
});

test('openS3BlobStore() says which setting is wrong', async () => {
  await using lab = await makeLab();
  for (const wrong of [
    { endpoint: 'ftp://127.0.0.1' },
    { endpoint: `${lab.server.url}/path` },
    { endpoint: 'nonsense' },
    { endpoint: 'http://user:secret@127.0.0.1' },
    { publicEndpoint: 'nonsense' },
    { bucket: 'Upper' },
    { bucket: 'a..b' },
    { bucket: 'a/b' },
    { region: 'x/y' },
    { prefix: 'no-slash' },
    { prefix: '../' },
    { prefix: '/' },
    { prefix: 'ü/' },
    { partBytes: 5 * MiB - 1 },
    { partBytes: Number.NaN },
    { bucket: 'not-this-one' },
    { region: 'us-east-1' },
  ]) {
    await assert.rejects(lab.open(wrong), { code: 'STORE_SETTING_INVALID' }, JSON.stringify(wrong));
  }
});

test('a request is refused without the right credentials, and the secret is not told', async () => {
  const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'hold/fast+', sessionToken: 'a token' };
  await using lab = await makeLab({ credentials });
  let asked = 0;
  const store = await lab.open({
    credentials: () => {
      asked += 1;
      return Promise.resolve(credentials);
    },
  });
  await store.put(digestOf(someBytes(5)), someBytes(5));
  assert.ok(asked > 3);
  for (const wrong of [
    { ...credentials, secretAccessKey: 'hold/fast' },
    { ...credentials, accessKeyId: 'OTHER' },
    { ...credentials, sessionToken: 'another' },
  ]) {
    await assert.rejects(lab.open({ credentials: wrong }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'STORE_UNAVAILABLE');
      assert.ok(!error.message.includes('hold'));
      return true;
    });
  }
});

test('a clock that is wrong is named', async () => {
  await using lab = await makeLab({ now: () => Date.now() - 3_600_000 });
  await assert.rejects(lab.open(), { code: 'STORE_UNAVAILABLE', message: /clock/ });
});

test('buckets before the host', async () => {
  const server = await startS3Server({ virtualHost: 's3.test' });
  await using _server = server;
  const proxy = { http: server.url };
  await using network = openNetwork({ clock: instantClock(), proxy, plainHttpHosts: [`${bucketName}.s3.test`] });
  const { credentials } = server;
  const addressing = 'virtual-host';
  const options = { network, endpoint: 'http://s3.test', region, bucket: bucketName, credentials, addressing } as const;
  const store = await openS3BlobStore(options);
  const bytes = someBytes(100);
  const upload = await append(store, newUpload('virtual-host'), bytes);
  await store.commit(upload, digestOf(bytes));
  assertBytes(await readBlob(store, digestOf(bytes)), bytes);
  const url = new URL((await store.redirectUrl?.(digestOf(bytes), 60)) ?? '');
  assert.equal(url.host, `${bucketName}.s3.test`);
  assertBytes(await collect((await network.request({ url })).body), bytes);
});

test('redirectUrl() gives an address that holds for some seconds, at the host that clients know', async () => {
  let now = Date.now();
  await using lab = await makeLab({ now: () => now });
  const store = await lab.open({ publicEndpoint: lab.server.url.replace('127.0.0.1', 'localhost') });
  const bytes = someBytes(1000);
  await store.put(digestOf(bytes), bytes);
  const url = (await store.redirectUrl?.(digestOf(bytes), 60)) ?? '';
  assert.equal(new URL(url).hostname, 'localhost');
  const get = async (address: string): Promise<number> => {
    const response = await lab.network.request({
      url: address.replace('localhost', '127.0.0.1'),
      headers: { host: '' },
    });
    response.discard();
    return response.status;
  };
  const local = (await (await lab.open()).redirectUrl?.(digestOf(bytes), 60)) ?? '';
  assert.equal(await get(local), 200);
  assert.equal(await get(local.replace(/Expires=60/, 'Expires=61')), 403);
  assert.equal(await get(local.replace(digestOf(bytes).slice(7), 'a'.repeat(64))), 403);
  now += 120_000;
  assert.equal(await get(local), 403);
  const longest = (await store.redirectUrl?.(digestOf(bytes), 1e9)) ?? '';
  assert.equal(new URL(longest).searchParams.get('X-Amz-Expires'), '604800');
});

test('a small blob takes one request, and an upload of one piece is copied by the store', async () => {
  await using lab = await makeLab();
  const store = await lab.open();
  const { requests } = lab.server;
  requests.length = 0;
  await store.put(digestOf(someBytes(9)), someBytes(9));
  assert.equal(requests.length, 1);
  requests.length = 0;
  const upload = await append(store, newUpload('one-request'), someBytes(5 * MiB));
  assert.equal(requests.length, 1);
  requests.length = 0;
  await store.commit(upload, digestOf(someBytes(5 * MiB)));
  const kinds = requests.map((line) => line.split(' ')[0]);
  assert.deepEqual(kinds, ['HEAD', 'GET', 'PUT', 'GET', 'DELETE']);
});

test('pieces are joined when there are many small ones, and parts are all of one size', async () => {
  await using lab = await makeLab();
  const store = await lab.open();
  const bytes = someBytes(11 * MiB + 40);
  let upload = newUpload('many-small-ones');
  for (let at = 0; at < 40; at += 1) upload = await append(store, upload, bytes.subarray(at, at + 1));
  assert.ok(JSON.stringify(upload.parts).length < 2000);
  upload = await append(store, upload, bytes.subarray(40));
  assertBytes(await collect(store.readUpload(upload)), bytes);
  await store.commit(upload, digestOf(bytes));
  assertBytes(await readBlob(store, digestOf(bytes)), bytes);
});

test('what the store does wrong for a moment is asked again', async () => {
  const bytes = someBytes(11 * MiB);
  const digest = digestOf(bytes);
  const faults: (Omit<S3Fault, 'times'> & { times?: number })[] = [
    { target: '/uploads/', kind: 'error', method: 'PUT', times: 2 },
    { target: '/uploads/', kind: 'lost', method: 'PUT' },
    { target: '/uploads/', kind: 'error', code: 'ExistingObjectIsDirectory', method: 'PUT', times: 2 },
    { target: '/uploads/', kind: 'error', code: 'OperationAborted', method: 'DELETE' },
    { target: 'uploadId', kind: 'error', code: 'ConditionalRequestConflict', method: 'POST' },
    { target: 'uploads=', kind: 'error', code: 'InternalError' },
    { target: 'partNumber=1', kind: 'late-error', times: 2 },
    { target: 'partNumber=2', kind: 'error', code: 'InternalError', times: 2 },
    { target: 'partNumber=3', kind: 'lost' },
    { target: 'uploadId', kind: 'late-error', code: 'SlowDown', method: 'POST' },
    { target: 'uploadId', kind: 'lost', method: 'POST' },
    { target: 'list-type', kind: 'cut', after: 20 },
    { target: '/uploads/', kind: 'error', method: 'DELETE' },
    { target: '/blobs/sha256', kind: 'cut', after: 100_000, method: 'GET', times: 4 },
    { target: '/blobs/sha256', kind: 'cut', after: 0, method: 'GET', times: 2 },
    { target: '/blobs/sha256', kind: 'error', method: 'GET' },
  ];
  for (const fault of faults) {
    await using lab = await makeLab();
    const store = await lab.open();
    lab.server.faults.push({ times: 1, ...fault });
    const title = JSON.stringify(fault);
    const upload = await append(store, newUpload('with-faults'), bytes);
    await store.commit(upload, digest);
    assertBytes(await readBlob(store, digest), bytes);
    assert.deepEqual(
      lab.server.faults.map(({ times }) => times),
      [0],
      title,
    );
  }
});

test('what the store does wrong for good is told, and nothing half is seen', async () => {
  const bytes = someBytes(11 * MiB);
  const digest = digestOf(bytes);
  const cases: readonly (readonly [string, Omit<S3Fault, 'times'>])[] = [
    ['STORE_UNAVAILABLE', { target: '/uploads/', kind: 'error', method: 'PUT' }],
    ['STORE_UNAVAILABLE', { target: '/uploads/', kind: 'lost', method: 'PUT' }],
    ['STORE_FULL', { target: '/uploads/', kind: 'error', code: 'QuotaExceeded', method: 'PUT' }],
    ['STORE_UNAVAILABLE', { target: 'uploads=', kind: 'error', code: 'AccessDenied' }],
    ['STORE_UNAVAILABLE', { target: 'partNumber=1', kind: 'late-error' }],
    ['STORE_UNAVAILABLE', { target: 'partNumber=2', kind: 'error', code: 'NotImplemented' }],
    ['STORE_SETTING_INVALID', { target: 'partNumber=3', kind: 'error', code: 'NoSuchBucket' }],
    ['STORE_UNAVAILABLE', { target: 'uploadId', kind: 'error', method: 'POST', code: 'MalformedXML' }],
    ['STORE_SETTING_INVALID', { target: '/blobs/sha256', kind: 'error', code: 'NoSuchBucket' }],
    ['STORE_UNAVAILABLE', { target: '/blobs/sha256', kind: 'error', code: 'AccessDenied' }],
  ];
  for (const [code, fault] of cases) {
    await using lab = await makeLab();
    const store = await lab.open();
    lab.server.faults.push({ times: Infinity, ...fault });
    const work = (async () => {
      await store.commit(await append(store, newUpload('with-faults'), bytes), digest);
    })();
    await assert.rejects(work, { code }, JSON.stringify(fault));
    lab.server.faults.length = 0;
    assert.equal(await store.stat(digest), undefined);
    assert.equal(lab.server.bucket.multiparts.size, 0);
    await store.removeStaleUploads(Date.now() + 3_600_000, new Set());
    assert.deepEqual([...lab.server.bucket.objects.keys()], [keys.marker]);
  }
});

test('a blob that the store gives wrongly is an error, and one that cannot be looked up is not absent', async () => {
  await using lab = await makeLab();
  const store = await lab.open();
  const bytes = someBytes(2 * MiB);
  const digest = digestOf(bytes);
  await store.put(digest, bytes);
  for (const [code, fault] of [
    ['STORE_DAMAGED', { target: '/blobs/', kind: 'short', after: 100_000, method: 'GET' }],
    ['STORE_UNAVAILABLE', { target: '/blobs/', kind: 'no-range', method: 'GET' }],
    ['STORE_UNAVAILABLE', { target: '/blobs/', kind: 'cut', after: 0, method: 'GET' }],
    ['STORE_DAMAGED', { target: '/blobs/', kind: 'error', code: 'NoSuchKey', method: 'GET' }],
  ] as const) {
    lab.server.faults.splice(0, 1, { times: Infinity, ...fault });
    await assert.rejects(readBlob(store, digest, { start: 1, end: bytes.length - 1 }), { code }, JSON.stringify(fault));
  }
  for (const error of ['NoSuchBucket', 'AccessDenied', 'SlowDown', 'InternalError']) {
    lab.server.faults.splice(0, 1, { target: '/blobs/', kind: 'error', code: error, times: Infinity });
    await assert.rejects(store.stat(digest));
    await assert.rejects(store.open(digest));
    await assert.rejects(store.remove(digest));
  }
  for (const kind of ['late-error', 'cut'] as const) {
    lab.server.faults.splice(0, 1, { target: 'list-type', kind, after: 5, times: Infinity });
    await assert.rejects(listAll(store.list()), { code: 'STORE_UNAVAILABLE' });
  }
  lab.server.faults.length = 0;
  await lab.server[Symbol.asyncDispose]();
  await assert.rejects(store.stat(digest), { code: 'STORE_UNAVAILABLE' });
});

test('removeStaleUploads() gives up commits that were interrupted', async () => {
  await using lab = await makeLab({ pageSize: 2 });
  const store = await lab.open();
  const { bucket } = lab.server;
  for (let at = 0; at < 5; at += 1) bucket.begin(`${keys.blobs}sha256/${at}`);
  const elsewhere = bucket.begin('elsewhere');
  assert.equal(await store.removeStaleUploads(Date.now() - 3_600_000, new Set()), 0);
  assert.equal(await store.removeStaleUploads(Date.now() + 3_600_000, new Set()), 5);
  assert.deepEqual([...bucket.multiparts.keys()], [elsewhere]);
});

test('bytes that are others than their digest says are found before the last of them is handed over', async () => {
  await using lab = await makeLab();
  const store = await lab.open();
  for (const [algorithm, length] of [
    ['sha256', 2 * MiB],
    ['sha512', 3000],
  ] as const) {
    const bytes = someBytes(length);
    const digest = digestOf(bytes, algorithm);
    await store.put(digest, bytes);
    assertBytes(await readBlob(store, digest), bytes);
    const wrong = Buffer.from(bytes);
    wrong[length - 1] = (wrong[length - 1] as number) ^ 1;
    lab.server.bucket.put(keys.blob(digest), wrong);
    const got: Uint8Array[] = [];
    const reading = (async () => {
      const open = await store.open(digest);
      assert.ok(open !== undefined);
      for await (const chunk of open.read()) got.push(chunk);
    })();
    await assert.rejects(reading, { code: 'CONTENT_MISMATCH' });
    assert.ok(got.reduce((sum, chunk) => sum + chunk.length, 0) < length);
    // A part has no digest of its own.
    assertBytes(await readBlob(store, digest, { start: length - 10, end: length - 1 }), wrong.subarray(-10));
  }
  await store.put(digestOf(Buffer.alloc(0)), Buffer.alloc(0));
  assertBytes(await readBlob(store, digestOf(Buffer.alloc(0))), Buffer.alloc(0));
});

test('uploads share their memory, and clients that are silent keep no other from going on', async () => {
  await using lab = await makeLab();
  const store = await lab.open({ memoryBytes: 6 * MiB });
  const blobs = Array.from({ length: 4 }, (_, at) => someBytes(6 * MiB + at, `shared ${at}`));
  const goOn = Promise.withResolvers<void>();
  async function* client(bytes: Buffer, isSilent: boolean): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 65_536) {
      if (isSilent && at > 3 * MiB) await goOn.promise;
      yield bytes.subarray(at, at + 65_536);
    }
  }
  const push = async (bytes: Buffer, at: number): Promise<void> => {
    const options = { maxBytes: 2 ** 30 };
    const upload = await store.append(newUpload(`sharing-${at}`), client(bytes, at < 2), options);
    await store.commit(upload, digestOf(bytes));
  };
  const silent = blobs.slice(0, 2).map(push);
  await Promise.all(blobs.slice(2).map((bytes, at) => push(bytes, at + 2)));
  goOn.resolve();
  await Promise.all(silent);
  for (const bytes of blobs) assertBytes(await readBlob(store, digestOf(bytes)), bytes);
});
