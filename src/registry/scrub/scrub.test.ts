import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { mountFreely, pushBlob, pushTestManifest } from '../../../testing/registry/push-content.ts';
import { instantly, openTestContent, type TestClock } from '../../../testing/registry/test-content.ts';
import { listAll, readBlob, someBytes } from '../../../testing/store/blob-data.ts';
import { withMethods } from '../../../testing/with-methods.ts';
import type { Digest } from '../../oci/digest.ts';
import { StoreError } from '../../store/error.ts';
import { findBlob } from '../../store/metadata/blobs.ts';
import { findManifest } from '../../store/metadata/manifests.ts';
import { openRecord, requireBlob } from '../content/read-blob.ts';
import type { Content } from '../content/content.ts';
import { collectGarbage } from '../garbage/collect.ts';
import type { FindingKind } from './finding.ts';
import { scrubLimits } from './limits.ts';
import type { ScrubReport } from './report.ts';
import { scrubRegistry } from './scrub.ts';

const large = 100_000;
const day = 86_400_000;

interface World {
  readonly content: Content;
  readonly clock: TestClock;
}

async function inWorld(run: (world: World) => Promise<void>): Promise<void> {
  using folder = temporaryDirectory();
  const clock = { now: Date.now() };
  await using opened = await openTestContent({ folder: folder.path, clock });
  await run({ content: opened.content, clock });
}

/** Kinds and digests of what was found. */
function found({ findings }: ScrubReport): readonly string[] {
  return findings.map(({ kind, digest, repaired }) => `${kind} ${digest}${repaired ? ' repaired' : ''}`);
}

/** An image of a large and a small blob, in two repositories. */
async function pushImage(
  content: Content,
): Promise<{ readonly big: Digest; readonly small: Digest; manifest: Digest }> {
  const big = await pushBlob(content, 'app', someBytes(large));
  const small = await pushBlob(content, 'app', someBytes(10));
  const { digest: manifest } = await pushTestManifest(content, 'app', { blobs: [small, big] }, ['v1']);
  const mount = { repository: 'other', digest: big, from: 'app' };
  assert.equal(await mountFreely(content, mount), true);
  return { big, small, manifest };
}

test('scrubRegistry() finds nothing where all is well', () =>
  inWorld(async ({ content, clock }) => {
    const { big } = await pushImage(content);
    await pushTestManifest(content, 'app', { blobs: [big], note: 'x'.repeat(large) });
    clock.now += day;
    for (const repair of [false, true]) {
      for (const hash of [false, true]) {
        const report = await scrubRegistry(content, { repair, hash });
        assert.deepEqual([report.findings, report.counts, report.finished], [[], {}, true]);
        assert.deepEqual([report.lookedAtBlobs, report.lookedAtManifests, report.listedBlobs], [4, 2, 2]);
        assert.ok(hash ? report.readBytes > 2 * large : report.readBytes < large, `${report.readBytes}`);
      }
    }
  }));

const damages: readonly (readonly [FindingKind, (content: Content, digest: Digest) => Promise<unknown>])[] = [
  ['bytes-missing', (content, digest) => content.blobs.remove(digest)],
  ['bytes-wrong-size', (content, digest) => content.blobs.put(digest, someBytes(99), { replace: true })],
  ['bytes-wrong', (content, digest) => content.blobs.put(digest, someBytes(large, 'wrong'), { replace: true })],
];

for (const [kind, damage] of damages) {
  test(`scrubRegistry() finds ${kind}, and the next push mends it for all repositories`, () =>
    inWorld(async ({ content }) => {
      const { big } = await pushImage(content);
      await damage(content, big);
      assert.deepEqual(found(await scrubRegistry(content)), [`${kind} ${big}`]);
      assert.notEqual(await findBlob(content.database, 'app', big), undefined, 'nothing was changed');
      assert.deepEqual(found(await scrubRegistry(content, { repair: true })), [`${kind} ${big} repaired`]);
      for (const name of ['app', 'other']) assert.equal(await findBlob(content.database, name, big), undefined);
      const mount = { repository: 'third', digest: big, from: 'app' };
      assert.equal(await mountFreely(content, mount), false);
      await assert.rejects(pushTestManifest(content, 'app', { blobs: [big] }), { code: 'MANIFEST_BLOB_UNKNOWN' });
      assert.deepEqual(found(await scrubRegistry(content, { repair: true })), [`still-damaged ${big}`]);
      await pushBlob(content, 'app', someBytes(large));
      for (const name of ['app', 'other']) {
        const record = await requireBlob(content, name, big);
        await using open = await openRecord(content, name, big, record);
        assert.equal(open.size, large);
      }
      assert.ok((await readBlob(content.blobs, big))?.equals(someBytes(large)));
      assert.deepEqual(found(await scrubRegistry(content)), []);
    }));
}

test('scrubRegistry() finds damage in the database, of blobs and manifests', () =>
  inWorld(async ({ content }) => {
    const { small, manifest } = await pushImage(content);
    const sql = 'UPDATE blob_contents SET content = ? WHERE digest = ?';
    await content.database.run(sql, someBytes(10, 'wrong'), small);
    await content.database.run('DELETE FROM blob_contents WHERE digest = ?', manifest);
    const expected = [`bytes-wrong ${small}`, `bytes-missing ${manifest}`].toSorted();
    assert.deepEqual(found(await scrubRegistry(content, { hash: false })).toSorted(), expected);
    await scrubRegistry(content, { repair: true });
    assert.equal(await findBlob(content.database, 'app', small), undefined);
    assert.equal(await findManifest(content.database, 'app', manifest), undefined);
    const { big } = await pushImage(content);
    assert.deepEqual(found(await scrubRegistry(content)), []);
    assert.deepEqual((await findBlob(content.database, 'app', small))?.content, Uint8Array.from(someBytes(10)));
    assert.equal((await pushTestManifest(content, 'app', { blobs: [small, big] })).digest, manifest);
  }));

test('scrubRegistry() mends a small blob by a push into the blob store, too', () =>
  inWorld(async ({ content }) => {
    const { small } = await pushImage(content);
    await content.database.run('UPDATE blob_contents SET content = ? WHERE digest = ?', someBytes(10, 'wrong'), small);
    await scrubRegistry(content, { repair: true });
    await pushBlob(content, 'app', someBytes(10), 'stream');
    const record = await requireBlob(content, 'app', small);
    await using open = await openRecord(content, 'app', small, record);
    assert.deepEqual((await listAll(open.read())).map(String), [String(someBytes(10))]);
    assert.deepEqual(found(await scrubRegistry(content)), []);
  }));

test('scrubRegistry() shows again what is whole after all', () =>
  inWorld(async ({ content }) => {
    const { big } = await pushImage(content);
    await content.database.run('UPDATE blobs SET damaged = 5 WHERE digest = ?', big);
    assert.deepEqual(
      found(await scrubRegistry(content, { repair: true, hash: false })),
      [],
      'the size says too little',
    );
    assert.deepEqual(found(await scrubRegistry(content)), [`whole-again ${big}`]);
    assert.deepEqual(found(await scrubRegistry(content, { repair: true })), [`whole-again ${big} repaired`]);
    assert.notEqual(await findBlob(content.database, 'app', big), undefined);
  }));

test('scrubRegistry() removes bytes that nothing knows, when they are old', () =>
  inWorld(async ({ content, clock }) => {
    const { big } = await pushImage(content);
    const orphan = someBytes(large, 'orphan');
    const digest = await pushBlob(content, 'app', orphan);
    await content.database.run('DELETE FROM blobs WHERE digest = ?', digest);
    await content.database.run('DELETE FROM repository_blobs WHERE digest = ?', digest);
    assert.deepEqual(found(await scrubRegistry(content, { repair: true })), [], 'it was written just now');
    clock.now += day;
    assert.deepEqual(found(await scrubRegistry(content)), [`bytes-orphaned ${digest}`]);
    assert.deepEqual(found(await scrubRegistry(content, { repair: true })), [`bytes-orphaned ${digest} repaired`]);
    assert.deepEqual(
      (await listAll(content.blobs.list())).map((blob) => blob.digest),
      [big],
    );
    assert.equal(await pushBlob(content, 'app', orphan), digest);
    assert.ok((await readBlob(content.blobs, digest))?.equals(orphan));
  }));

test('scrubRegistry() removes nothing for a database that knows nothing', () =>
  inWorld(async ({ content, clock }) => {
    const { big } = await pushImage(content);
    for (const table of ['blobs', 'repository_blobs', 'manifests']) await content.database.run(`DELETE FROM ${table}`);
    clock.now += day;
    assert.deepEqual(found(await scrubRegistry(content, { repair: true })), [`bytes-orphaned ${big}`]);
    assert.ok((await readBlob(content.blobs, big)) !== undefined);
  }));

test('scrubRegistry() records again what manifests name', () =>
  inWorld(async ({ content, clock }) => {
    const { big, small, manifest } = await pushImage(content);
    await content.database.run('DELETE FROM manifest_links WHERE target = ?', big);
    await content.database.run('DELETE FROM repository_blobs WHERE digest = ? AND repository = 1', small);
    await content.database.run('UPDATE blobs SET used_at = ? WHERE digest = ?', clock.now, small);
    const expected = [`link-missing ${manifest}`, `target-missing ${manifest}`];
    const report = await scrubRegistry(content);
    assert.deepEqual(found(report), expected);
    assert.deepEqual(
      report.findings.map(({ target, repository }) => [target, repository]),
      [
        [big, 'app'],
        [small, 'app'],
      ],
    );
    assert.deepEqual(
      found(await scrubRegistry(content, { repair: true })),
      expected.map((one) => `${one} repaired`),
    );
    assert.deepEqual(found(await scrubRegistry(content)), []);
    clock.now += day;
    await collectGarbage(content);
    assert.notEqual(await findBlob(content.database, 'app', big), undefined);
    assert.notEqual(await findBlob(content.database, 'app', small), undefined);
  }));

test('scrubRegistry() looks for blobs that an index lists among blobs', () =>
  inWorld(async ({ content }) => {
    const strict: Content = { ...content, sparse: 'none' };
    const { manifest, small } = await pushImage(content);
    const { digest } = await pushTestManifest(strict, 'app', { manifests: [manifest], blobs: [small] });
    assert.deepEqual(found(await scrubRegistry(strict)), []);
    await content.database.run('DELETE FROM manifest_links WHERE target = ?', small);
    await content.database.run('DELETE FROM repository_blobs WHERE digest = ? AND repository = 1', small);
    await assert.rejects(pushTestManifest(strict, 'app', { manifests: [manifest], blobs: [small], note: 'b' }), {
      code: 'MANIFEST_BLOB_UNKNOWN',
      message: /names blobs that are not in/,
    });
    await assert.rejects(pushTestManifest(strict, 'app', { manifests: [small] }), { message: /names manifests that/ });
    const findings = found(await scrubRegistry(strict, { repair: true }));
    assert.ok(findings.includes(`target-missing ${digest} repaired`), findings.join());
    assert.deepEqual(found(await scrubRegistry(strict)), []);
  }));

test('scrubRegistry() tells what is gone from the database, and minds what may be missing', () =>
  inWorld(async ({ content }) => {
    const { big, manifest } = await pushImage(content);
    await pushTestManifest(content, 'app', { manifests: [big] });
    assert.deepEqual(found(await scrubRegistry(content)), [], 'an index may be sparse here');
    const strict = found(await scrubRegistry({ ...content, sparse: 'none' }));
    assert.deepEqual(
      strict.map((one) => one.split(' ')[0]),
      ['target-missing'],
    );
    await content.database.run('DELETE FROM blobs WHERE digest = ?', big);
    await content.database.run('DELETE FROM blobs WHERE digest = ?', manifest);
    const lost = found(await scrubRegistry({ ...content, sparse: 'all' }, { repair: true }));
    assert.deepEqual(lost, [`record-missing ${manifest}`, `record-missing ${big}`, `record-missing ${big}`]);
    await pushBlob(content, 'app', someBytes(large));
    assert.notEqual(await findBlob(content.database, 'other', big), undefined);
  }));

test('scrubRegistry() leaves alone what is just being pushed', () =>
  inWorld(async ({ content }) => {
    const bytes = someBytes(large, 'late');
    let scrubbed: ScrubReport | undefined;
    const blobs = withMethods(content.blobs, {
      async commit(upload, digest, options) {
        scrubbed = await scrubRegistry(content, { repair: true, grace: -day });
        await content.blobs.commit(upload, digest, options);
      },
    });
    const digest = await pushBlob({ ...content, blobs }, 'app', bytes);
    assert.deepEqual(scrubbed?.findings, []);
    assert.ok((await readBlob(content.blobs, digest))?.equals(bytes));
  }));

test('scrubRegistry() looks again when somebody mends a blob meanwhile', () =>
  inWorld(async ({ content, clock }) => {
    const { big } = await pushImage(content);
    await content.blobs.put(big, someBytes(5), { replace: true });
    const blobs = withMethods(content.blobs, {
      async open(digest) {
        const opened = await content.blobs.open(digest);
        clock.now += 1;
        await pushBlob(content, 'app', someBytes(large));
        return opened;
      },
    });
    assert.deepEqual(found(await scrubRegistry({ ...content, blobs }, { repair: true })), []);
    assert.notEqual(await findBlob(content.database, 'app', big), undefined);
  }));

test('scrubRegistry() takes its time, stops when it is told to, and goes on from there', () =>
  inWorld(async ({ content, clock }) => {
    await pushImage(content);
    for (let at = 0; at < 5; at += 1) await pushBlob(content, 'app', someBytes(large, `${at}`));
    const started = clock.now;
    const waits: number[] = [];
    const wait: Content['wait'] = async (time, signal) => {
      waits.push(time);
      clock.now += time;
      await instantly(0, signal);
    };
    const slow = await scrubRegistry({ ...content, wait }, { bytesPerSecond: large });
    const expected = (slow.readBytes / large) * 1000;
    assert.ok(clock.now - started >= expected - 5 && clock.now - started < expected + 100, `${clock.now - started}`);
    assert.ok(Math.max(...waits) < 1010, `${Math.max(...waits)}`);
    const controller = new AbortController();
    const half = { ...content, blobs: withMethods(content.blobs, { open: aborting }) };
    async function aborting(digest: Digest): ReturnType<Content['blobs']['open']> {
      const opened = await content.blobs.open(digest);
      controller.abort();
      return opened;
    }
    const stopped = await scrubRegistry(half, { signal: controller.signal });
    assert.equal(stopped.finished, false);
    const rest = await scrubRegistry(content, { after: stopped.lastBlob });
    assert.equal(stopped.lookedAtBlobs + rest.lookedAtBlobs, 8);
    assert.ok(rest.lookedAtBlobs >= 1);
  }));

test('scrubRegistry() counts all findings, lists some, and tells each', () =>
  inWorld(async ({ content }) => {
    await content.database.transaction(async (queries) => {
      for (let at = 0; at < scrubLimits.findings + 20; at += 1) {
        const digest = `sha256:${at.toString(16).padStart(64, '0')}`;
        await queries.run(
          'INSERT INTO blobs (digest, size, stored, stored_at, used_at) VALUES (?, 1, 1, 1, 1)',
          digest,
        );
        await queries.run('INSERT INTO repository_blobs (repository, digest, used_at) VALUES (1, ?, 1)', digest);
      }
    });
    let told = 0;
    const report = await scrubRegistry(content, { hash: false, onFinding: () => (told += 1) });
    assert.deepEqual(report.counts, { 'bytes-missing': scrubLimits.findings + 20 });
    assert.equal(report.findings.length, scrubLimits.findings);
    assert.equal(told, scrubLimits.findings + 20);
    assert.match(report.findings[0]?.advice ?? '', /again/);
  }));

test('scrubRegistry() takes "could not look" for no damage', () =>
  inWorld(async ({ content }) => {
    await pushImage(content);
    const away = new StoreError('STORE_UNAVAILABLE', 'away');
    const blobs = withMethods(content.blobs, { open: () => Promise.reject(away) });
    await assert.rejects(scrubRegistry({ ...content, blobs }, { repair: true }), away);
    assert.deepEqual(await content.database.all('SELECT digest FROM blobs WHERE damaged > 0'), []);
  }));
