import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ScrubReport } from '../../src/registry/scrub/report.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import { Keys } from '../../src/store/blob/s3/keys.ts';
import { deleteObject, listObjects } from '../../src/store/blob/s3/objects.ts';
import { openS3BlobStore } from '../../src/store/blob/s3/open.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { assertTag, digestsOfTag, pushTag } from '../../testing/registry/image-of-tag.ts';
import { type ProcessAnswer, type ServeProcess, startServing } from '../../testing/registry/serve-process.ts';
import { openTestContent } from '../../testing/registry/test-content.ts';
import { digestOf, listAll, someBytes } from '../../testing/store/blob-data.ts';
import {
  postgresMissing,
  runPostgresProgram,
  startPostgres,
  type PostgresServer,
} from '../../testing/store/postgres-server.ts';
import { clientOf, copyPrefix } from '../../testing/store/s3-place.ts';
import { startVersitygw, type Versitygw } from '../../testing/store/versitygw.ts';
import { assertOneError, type Ended, run } from '../end-to-end/program.ts';

const { skip } = needsProgram('versitygw');
const repository = 'team/app';

let gateway: Versitygw;
let env: Readonly<Record<string, string>>;

before(async () => {
  if (skip !== false) return;
  gateway = await startVersitygw();
  const { accessKeyId, secretAccessKey } = gateway.bucket.credentials;
  env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
});

after(async () => {
  if (skip === false) await gateway[Symbol.asyncDispose]();
});

/** The setting for blobs below a prefix of the bucket. */
function storageAt(prefix: string): string {
  const { endpoint, region, bucket } = gateway.bucket;
  return `storage: { s3: { endpoint: "${endpoint}", region: ${region}, bucket: ${bucket}, pathStyle: true, prefix: ${prefix} } }`;
}

/** A registry's settings in a file, and the commands that go by them. */
function placeAt(
  folder: TemporaryDirectory,
  name: string,
  settings: readonly string[],
  more: Readonly<Record<string, string>> = {},
): {
  readonly serve: () => Promise<ServeProcess>;
  readonly command: (...args: readonly string[]) => Promise<Ended>;
} {
  const place = join(folder.path, name);
  mkdirSync(place, { recursive: true });
  const lines = ['registry:', `  data: ${place}/data`, ...settings.map((line) => `  ${line}`)];
  folder.write(`${name}/commands.yaml`, `${lines.join('\n')}\n`);
  const variables = { ...env, ...more };
  return {
    serve: () => startServing({ folder: place, settings, env: variables }),
    command: (...args) =>
      run(['registry', ...args, '--config', join(place, 'commands.yaml')], {
        cwd: folder.path,
        env: { ...variables, HOME: folder.path },
      }),
  };
}

async function assertEnded(ended: Promise<Ended>, status = 0): Promise<Ended> {
  const told = await ended;
  assert.equal(told.status, status, `${told.stdout}${told.stderr}`);
  return told;
}

async function keysBelow(prefix: string): Promise<readonly string[]> {
  return (await listAll(listObjects(clientOf(gateway.bucket), prefix))).map(({ key }) => key.slice(prefix.length));
}

describe('a registry with its records in SQLite and its blobs in an object store', { skip }, () => {
  test('is backed up while images are pushed, and restored to another place of the bucket and to a folder', async () => {
    using folder = temporaryDirectory();
    const live = placeAt(folder, 'live', [storageAt('live')]);
    const backup = join(folder.path, 'backup');
    const tags = Array.from({ length: 8 }, (_, at) => `before-${at}`);
    {
      await using served = await live.serve();
      for (const tag of tags) await pushTag(served, repository, tag);
      let over = false;
      const load = (async () => {
        for (let at = 0; !over; at += 1) await pushTag(served, repository, `during-${at}`);
      })();
      await assertEnded(live.command('backup', backup));
      await pushTag(served, repository, 'between');
      const second = await assertEnded(live.command('backup', backup));
      over = true;
      await load;
      const { copied, linked } = JSON.parse(second.stdout) as { readonly copied: number; readonly linked: number };
      assert.ok(copied > 0 && linked === 0, second.stdout);
    }
    await assertEnded(run(['registry', 'verify-backup', backup]));
    const elsewhere = placeAt(folder, 'elsewhere', [storageAt('elsewhere')]);
    await assertEnded(elsewhere.command('restore', backup));
    assertOneError(await elsewhere.command('restore', backup), 'RESTORE_REFUSED', /is there already/);
    const onDisk = placeAt(folder, 'disk', []);
    await assertEnded(onDisk.command('restore', backup));
    for (const restored of [elsewhere, onDisk]) {
      const scrubbed = await assertEnded(restored.command('scrub', '--format', 'json'));
      const { findings, lookedAtBlobs } = JSON.parse(scrubbed.stdout) as ScrubReport;
      assert.deepEqual(findings, []);
      assert.ok(lookedAtBlobs >= 3 * (tags.length + 1));
      await assertEnded(restored.command('audit', 'verify'));
      await using served = await restored.serve();
      for (const tag of [...tags, 'between']) await assertTag(served, repository, tag);
      await pushTag(served, repository, 'after');
      await assertTag(served, repository, 'after');
    }
    // A registry in a folder is brought to an object store the same way.
    const moved = placeAt(folder, 'moved', [storageAt('moved')]);
    await assertEnded(onDisk.command('backup', join(folder.path, 'of-disk')));
    await assertEnded(moved.command('restore', join(folder.path, 'of-disk')));
    await using served = await moved.serve();
    for (const tag of [...tags, 'between', 'after']) await assertTag(served, repository, tag);
  });

  test('is not restored among the blobs of another, and a restore that was cut off goes on', async () => {
    using folder = temporaryDirectory();
    const live = placeAt(folder, 'live', [storageAt('first')]);
    {
      await using served = await live.serve();
      for (const tag of ['a', 'b', 'c']) await pushTag(served, repository, tag);
    }
    await assertEnded(live.command('backup', 'backup'));
    const taken = placeAt(folder, 'taken', [storageAt('first')]);
    assertOneError(await taken.command('restore', 'backup'), 'RESTORE_REFUSED', /the blobs of another registry/);
    assert.deepEqual(readdirSync(join(folder.path, 'taken', 'data')), []);
    // Away while it restores: nothing is there that could be taken for a registry, and the same again goes on.
    const place = 'cut-off';
    const { endpoint } = gateway.bucket;
    const away = placeAt(folder, place, [storageAt(place).replace(endpoint, 'http://127.0.0.1:1')]);
    assert.notEqual((await away.command('restore', 'backup')).status, 0);
    const again = placeAt(folder, place, [storageAt(place)]);
    await assertEnded(again.command('restore', 'backup'));
    await using served = await again.serve();
    for (const tag of ['a', 'b', 'c']) await assertTag(served, repository, tag);
  });

  test('tells in its backup which blobs its object store lost', async () => {
    using folder = temporaryDirectory();
    const live = placeAt(folder, 'live', [storageAt('lossy')]);
    {
      await using served = await live.serve();
      for (const tag of ['kept', 'lost']) await pushTag(served, repository, tag);
    }
    const [, layer = ''] = digestsOfTag('lost');
    await deleteObject(clientOf(gateway.bucket), new Keys('lossy/').blob(layer as never));
    const told = await assertEnded(live.command('backup', 'backup'), 20);
    assert.match(told.stderr, /1 blob of the registry itself is damaged/);
    const restored = placeAt(folder, 'restored', [storageAt('of-lossy')]);
    const ended = await assertEnded(restored.command('restore', 'backup'), 20);
    assert.ok(ended.stdout.includes(layer), ended.stdout);
    await using served = await restored.serve();
    await assertTag(served, repository, 'kept');
    await pushTag(served, repository, 'lost');
    await assertTag(served, repository, 'lost');
  });
});

describe('a registry with its records in PostgreSQL and its blobs in an object store', () => {
  const noServer = skip === false ? postgresMissing() : skip;
  let server: PostgresServer;

  before(async () => {
    if (noServer === false) server = await startPostgres();
  });

  after(async () => {
    if (noServer === false) await server[Symbol.asyncDispose]();
  });

  /** The steps of docs/registry.md, "With PostgreSQL and S3"; those that are no command of this program by other means. */
  test('is backed up and restored by the steps of the document', { skip: noServer }, async () => {
    using folder = temporaryDirectory();
    const records = 'database: { postgres: { url: "env:DATABASE", tls: "off" } }';
    const url = await server.createDatabase();
    const dump = join(folder.path, 'registry.dump');
    let waiting: string;
    let ended: string;
    {
      // 1. Garbage is not collected while the bucket is copied.
      const settings = [records, storageAt('pg-live'), 'gc: { enabled: false, grace: 2d }'];
      const live = placeAt(folder, 'live', settings, { DATABASE: url });
      await using served = await live.serve();
      for (const tag of ['a', 'b', 'deleted']) await pushTag(served, repository, tag);
      [waiting, ended] = [await beginUpload(served), await beginUpload(served)];
      // 2. The records, at one moment of a registry that is in use.
      let over = false;
      const load = (async () => {
        for (let at = 0; !over || at === 0; at += 1) await pushTag(served, repository, `during-${at}`);
      })();
      await runPostgresProgram('pg_dump', ['--format=custom', `--file=${dump}`, url]);
      over = true;
      await load;
      // What changes before the bucket is copied.
      await pushTag(served, repository, 'later');
      const manifest = digestsOfTag('deleted').at(-1);
      assert.equal((await served.ask('DELETE', `/v2/${repository}/manifests/${manifest}`))?.status, 202);
      assert.equal((await endUpload(served, ended))?.status, 201);
      // 3. The bucket.
      await copyPrefix(gateway.bucket, 'pg-live/', 'pg-copy/');
    }
    // To restore: into an empty database, and the bucket before anything starts.
    const other = await server.createDatabase();
    await runPostgresProgram('pg_restore', ['--no-owner', `--dbname=${other}`, dump]);
    await copyPrefix(gateway.bucket, 'pg-copy/', 'pg-restored/');
    const restored = placeAt(folder, 'restored', [records, storageAt('pg-restored')], { DATABASE: other });
    const scrubbed = await assertEnded(restored.command('scrub', '--repair', '--format', 'json'));
    assert.deepEqual((JSON.parse(scrubbed.stdout) as ScrubReport).findings, []);
    await assertEnded(restored.command('audit', 'verify'));
    {
      await using served = await restored.serve();
      for (const tag of ['a', 'b', 'deleted']) await assertTag(served, repository, tag);
      assert.equal((await served.ask('GET', `/v2/${repository}/manifests/later`))?.status, 404);
      // Uploads that were under way: one goes on, as its bytes came along, and one was over when the bucket was copied.
      const went = await endUpload(served, waiting);
      assert.equal(went?.status, 201, went?.body.toString());
      const gone = await endUpload(served, ended);
      assert.equal(gone?.status, 404, gone?.body.toString());
      await pushTag(served, repository, 'new');
      await assertTag(served, repository, 'new');
    }
    // What came after the dump lies there, and goes once it lay there for an hour.
    const [, layer = ''] = digestsOfTag('later');
    const hex = layer.slice('sha256:'.length);
    assert.ok((await keysBelow('pg-restored/')).some((key) => key.endsWith(hex)));
    await using opened = await openTestContent({
      folder: folder.path,
      clock: { now: Date.now() + 3_700_000 },
      openDatabase: () => openPostgresDatabase({ url: other, poolSize: 2 }),
      openBlobs: () => openS3BlobStore({ ...gateway.bucket, prefix: 'pg-restored/' }),
    });
    const { findings } = await scrubRegistry(opened.content, { repair: true });
    assert.ok(findings.length > 0 && findings.every(({ kind, repaired }) => kind === 'bytes-orphaned' && repaired));
    assert.equal(
      (await keysBelow('pg-restored/')).some((key) => key.endsWith(hex)),
      false,
    );
    assert.deepEqual((await scrubRegistry(opened.content)).findings, []);
  });
});

const parts = [someBytes(100_000, 'part'), someBytes(10, 'end')] as const;

/** Begins an upload, of which a part is stored, and gives where it goes on. */
async function beginUpload(served: ServeProcess): Promise<string> {
  const begun = await served.ask('POST', `/v2/${repository}/blobs/uploads/`);
  const place = begun?.headers.get('location') ?? '';
  const part = await served.ask('PATCH', place, { body: parts[0] });
  assert.equal(part?.status, 202, part?.body.toString());
  return part?.headers.get('location') ?? '';
}

function endUpload(served: ServeProcess, place: string): Promise<ProcessAnswer> {
  return served.ask('PUT', `${place}?digest=${digestOf(Buffer.concat(parts))}`, { body: parts[1] });
}
