import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectGarbage } from '../../src/registry/garbage/collect.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { StoreError } from '../../src/store/error.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { type OwnAnswer, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { manifestOf } from '../../testing/registry/push-content.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';
import { digestOf, someBytes } from '../../testing/store/blob-data.ts';
import { type FileStep, watchFileSystem } from '../../testing/store/watched-file-system.ts';
import { withMethods } from '../../testing/with-methods.ts';

const hour = 3_600_000;

/** What the operating system says, and what clients are told. */
const failures = [
  ['ENOSPC', 507],
  ['EDQUOT', 507],
  ['EROFS', 503],
  ['EACCES', 503],
  ['EIO', 503],
] as const;

/** A registry over a disk that fails where it is told to. */
interface Failing extends AsyncDisposable {
  readonly own: OwnRegistry;
  /** Fails at the so-manyth call from now, and at all after it; half of what is to be written is written before. */
  fail(code: string, step: number): void;
  /** Lets the disk work again, and tells how many calls there were. */
  mend(): number;
  /** Lets time pass. */
  pass(milliseconds: number): void;
  uploads(): Promise<string[]>;
}

async function startFailing(wrap: (database: SqlDatabase) => SqlDatabase = (database) => database): Promise<Failing> {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  let [step, at, code, ahead] = [0, Infinity, '', 0];
  async function before({ call, half }: FileStep): Promise<void> {
    // Files are closed whatever the disk does.
    if (call === 'close') return;
    step += 1;
    if (step < at) return;
    if (call === 'write' && step === at) await half?.();
    throw Object.assign(new Error(`${code}: ${call}`), { code, syscall: call });
  }
  const content = join(folder.path, 'content');
  const blobs = opened.use(await openFilesystemBlobStore({ folder: content, files: watchFileSystem(before) }));
  const database = opened.use(await openSqliteDatabase({ path: join(folder.path, 'registry.db') }));
  const own = opened.use(await startOwnRegistry({ blobs, database: wrap(database), now: () => Date.now() + ahead }));
  return {
    own,
    fail(next, from) {
      [step, at, code] = [0, from, next];
    },
    mend() {
      at = Infinity;
      return step;
    },
    pass(milliseconds) {
      ahead += milliseconds;
    },
    uploads: () => readdir(join(content, 'uploads')),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const large = someBytes(1_300_000, 'large');
const config = someBytes(300, 'config');
const imageOf = (note: string): ReturnType<typeof manifestOf> => manifestOf({ blobs: [digestOf(config)], note });

/** A way to bring bytes to the disk, other ones for each number. */
interface Push {
  readonly name: string;
  /** Where they are then to be seen. */
  readonly seen: (at: number) => string;
  readonly push: (own: OwnRegistry, at: number) => Promise<OwnAnswer>;
}

const blobOf = (at: number): Buffer => large.subarray(at);
const placeOf = (at: number): string => `app/blobs/${digestOf(blobOf(at))}`;

const pushes: readonly Push[] = [
  {
    name: 'a blob in one request',
    seen: placeOf,
    push: (own, at) => own.ask('POST', `app/blobs/uploads/?digest=${digestOf(blobOf(at))}`, { body: blobOf(at) }),
  },
  {
    name: 'a blob in chunks',
    seen: placeOf,
    async push(own, at) {
      const begun = await own.ask('POST', 'app/blobs/uploads/');
      const place = (begun.headers.get('location') as string).slice(4);
      for (const [start, end] of [
        [0, 600_000],
        [600_000, 700_000],
      ] as const) {
        const chunk = await own.ask('PATCH', place, { body: blobOf(at).subarray(start, end) });
        if (chunk.status !== 202) {
          const status = await own.ask('GET', place);
          assert.deepEqual([status.status, status.headers.get('range')], [204, `0-${Math.max(0, start - 1)}`]);
          return chunk;
        }
      }
      const body = blobOf(at).subarray(700_000);
      return own.ask('PUT', `${place}?digest=${digestOf(blobOf(at))}`, { body });
    },
  },
  {
    name: 'a large manifest',
    seen: (at) => `app/manifests/v${at}`,
    push(own, at) {
      const { bytes, mediaType } = imageOf(`${at}`.repeat(70_000));
      return own.ask('PUT', `app/manifests/v${at}`, { body: bytes, headers: { 'content-type': mediaType } });
    },
  },
];

function assertTold(answer: OwnAnswer, status: number, what: string): void {
  assert.equal(answer.status, status, `${what}: ${answer.body.toString()}`);
  const { errors } = answer.json() as { errors: readonly { code: string; message: string }[] };
  assert.equal(errors[0]?.code, 'UNAVAILABLE', what);
  assert.doesNotMatch(
    answer.body.toString(),
    /seaworthy-test|content\/|EN?[A-Z]{3,}:/,
    'where things lie is for nobody',
  );
  if (status === 503) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
}

for (const { name, seen, push } of pushes) {
  test(`${name} on a disk that fails at any step is refused, and leaves nothing half`, async () => {
    await using failing = await startFailing();
    const { own } = failing;
    await own.pushBlob('app', config);
    let step = 1;
    for (; ; step += 1) {
      const before = await storedRows(own);
      const [code, status] = failures[step % failures.length] as (typeof failures)[number];
      failing.fail(code, step);
      const answer = await push(own, step);
      const what = `${code} at ${step}`;
      const made = failing.mend();
      // It is not asked so often.
      if (answer.status === 201 && made < step) break;
      assertTold(answer, status, what);
      assert.equal((await own.ask('GET', seen(step))).status, 404, what);
      const rows = await storedRows(own);
      assert.deepEqual([rows['repository_blobs'], rows['tags']], [before['repository_blobs'], before['tags']], what);
      assert.equal((await push(own, step)).status, 201, `${what}: it goes on when there is room again`);
      assert.equal((await own.ask('GET', seen(step))).status, 200, what);
    }
    assert.ok(step > 5, `${step} steps`);
    failing.pass(26 * hour);
    await collectGarbage(own.registry.content, { share: 1 });
    assert.deepEqual(await failing.uploads(), []);
    assert.deepEqual((await scrubRegistry(own.registry.content, { repair: false })).counts, {});
  });
}

test('what can be read is read from a disk that nobody may write, and nothing else is done', async () => {
  await using failing = await startFailing();
  const { own } = failing;
  await own.pushBlob('app', large);
  await own.pushBlob('app', config);
  const image = imageOf('small');
  const headers = { 'content-type': image.mediaType };
  assert.equal((await own.ask('PUT', 'app/manifests/v1', { headers, body: image.bytes })).status, 201);
  assert.ok((await own.ask('GET', `app/blobs/${digestOf(large)}`)).body.equals(large));
  failing.fail('EIO', 1);
  assertTold(await own.ask('GET', `app/blobs/${digestOf(large)}`), 503, 'a blob that cannot be read');
  failing.mend();
  assert.ok((await own.ask('GET', 'app/manifests/v1')).body.equals(image.bytes));
});

for (const [code, status] of [
  ['STORE_FULL', 507],
  ['STORE_UNAVAILABLE', 503],
] as const) {
  test(`a database that ends each transaction with ${code} is told as ${status}, and leaves nothing`, async () => {
    let isFailing = false;
    const wrap = (database: SqlDatabase): SqlDatabase => {
      const transaction: SqlDatabase['transaction'] = (work, options) =>
        database.transaction(async (queries) => {
          const result = await work(queries);
          if (isFailing) throw new StoreError(code, 'The disk at content/ is full: ENOSPC');
          return result;
        }, options);
      return withMethods(database, { transaction });
    };
    await using failing = await startFailing(wrap);
    const { own } = failing;
    await own.pushBlob('app', config);
    const image = imageOf('x'.repeat(70_000));
    const place = ((await own.ask('POST', 'app/blobs/uploads/')).headers.get('location') as string).slice(4);
    const before = await storedRows(own);
    isFailing = true;
    for (const [method, path, request] of [
      ['POST', 'app/blobs/uploads/', {}],
      ['POST', `app/blobs/uploads/?digest=${digestOf(large)}`, { body: large }],
      ['POST', `other/blobs/uploads/?mount=${digestOf(config)}&from=app`, {}],
      ['PATCH', place, { body: large }],
      ['PUT', `${place}?digest=${digestOf(large)}`, { body: large }],
      ['DELETE', place, {}],
      ['PUT', 'app/manifests/v1', { body: image.bytes, headers: { 'content-type': image.mediaType } }],
      ['DELETE', `app/blobs/${digestOf(config)}`, {}],
    ] as const) {
      assertTold(await own.ask(method, path, request), status, `${method} ${path}`);
    }
    isFailing = false;
    assert.deepEqual(await storedRows(own), before);
    assert.deepEqual(await failing.uploads(), []);
    assert.equal((await own.ask('PUT', `${place}?digest=${digestOf(large)}`, { body: large })).status, 201);
  });
}

test('an upload whose bytes are gone is over, also for who asks where it stands', async () => {
  for (const method of ['PATCH', 'PUT'] as const) {
    using folder = temporaryDirectory();
    await using own = await startOwnRegistry({ folder: folder.path });
    const place = ((await own.ask('POST', 'app/blobs/uploads/')).headers.get('location') as string).slice(4);
    assert.equal((await own.ask('PATCH', place, { body: large })).status, 202);
    const uploads = join(folder.path, 'content', 'uploads');
    for (const name of await readdir(uploads)) await rm(join(uploads, name));
    const path = method === 'PUT' ? `${place}?digest=${digestOf(large)}` : place;
    for (const [asked, wanted] of [
      [method, path],
      ['GET', place],
      ['PATCH', place],
    ] as const) {
      const answer = await own.ask(asked, wanted, asked === 'GET' ? {} : { body: large });
      assert.equal(answer.status, 404, `${asked} after ${method}`);
    }
  }
});
