import { writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { collectGarbage } from '../../src/registry/garbage/collect.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { carryOut, planAll } from '../../src/registry/retention/run-retention.ts';
import { compileImmutableRules } from '../../src/registry/rule/immutable/compile.ts';
import { compileRetentionRules } from '../../src/registry/rule/retention/rules/compile.ts';
import { openRegistry } from '../../src/registry/open-registry.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { openS3BlobStore } from '../../src/store/blob/s3/open.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import type { S3Bucket } from '../store/s3-place.ts';
import { withMethods } from '../with-methods.ts';

/** Where one of several processes that serve a registry together finds what they share; a JSON text. */
export interface SharedPlace {
  readonly database: string;
  readonly s3: Omit<S3Bucket, 'network'>;
}

/**
 * A process that serves a registry over a folder on loopback, or over a database and a bucket that it shares, and tells its port in a
 * line of JSON. What is asked of it besides:
 *
 * - `GET /clock?ahead=N` moves its clock N milliseconds ahead,
 * - `GET /kill?at=WHAT&nth=N` lets it kill itself when it comes to something for the Nth time, and tell that,
 * - `GET /gc` collects garbage, `GET /scrub` scrubs and repairs, `GET /retention` deletes manifests that no tag names.
 */
const [folder = '', place = ''] = process.argv.slice(2);
const shared = place === '' ? undefined : (JSON.parse(place) as SharedPlace);

let ahead = 0;
let killAt: { readonly what: string; left: number } | undefined;

function at(what: string): void {
  if (killAt?.what !== what) return;
  killAt.left -= 1;
  if (killAt.left > 0) return;
  tell({ killedAt: what });
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function tell(fact: object): void {
  writeSync(1, `${JSON.stringify(fact)}\n`);
}

async function around<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
  at(`before ${what}`);
  const result = await call();
  at(`after ${what}`);
  return result;
}

function watchBlobs(blobs: BlobStore): BlobStore {
  async function* halfway(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      yield chunk;
      at('amid append');
    }
  }
  return withMethods(blobs, {
    append: (upload, bytes, options) => around('append', () => blobs.append(upload, halfway(bytes), options)),
    commit: (upload, digest, options) => around('commit', () => blobs.commit(upload, digest, options)),
    put: (digest, bytes, options) => around('put', () => blobs.put(digest, bytes, options)),
    remove: (digest) => around('remove', () => blobs.remove(digest)),
    abort: (upload) => around('abort', () => blobs.abort(upload)),
    // Files are as old as the machine's clock says.
    removeStaleUploads: (before, known) => blobs.removeStaleUploads(before - ahead, known),
  });
}

function watchDatabase(database: SqlDatabase): SqlDatabase {
  return withMethods(database, {
    transaction: (work, options) =>
      around('transaction', () =>
        database.transaction(async (queries) => {
          const result = await work(queries);
          at('amid transaction');
          return result;
        }, options),
      ),
  });
}

function openDatabase(): Promise<SqlDatabase> {
  if (shared === undefined) return openSqliteDatabase({ path: join(folder, 'registry.db') });
  return openPostgresDatabase({ url: shared.database, poolSize: 5 });
}

function openBlobs(): Promise<BlobStore> {
  if (shared === undefined) return openFilesystemBlobStore({ folder: join(folder, 'content') });
  return openS3BlobStore({ ...shared.s3, network: openNetwork({ widthPerHost: 100 }), partBytes: 5 * 1024 * 1024 });
}

const now = (): number => Date.now() + ahead;
const database = watchDatabase(await openDatabase());
const blobs = watchBlobs(await openBlobs());
const { content, server } = await openRegistry({ database, blobs, now });
server.get<{ Querystring: Record<string, string> }>('/clock', ({ query }) => {
  ahead = Number(query['ahead']);
  return {};
});
server.get<{ Querystring: Record<string, string> }>('/kill', ({ query }) => {
  killAt = { what: query['at'] ?? '', left: Number(query['nth']) };
  return {};
});
server.get('/gc', () => collectGarbage(content));
server.get('/scrub', () => scrubRegistry(content, { repair: true }));
server.get('/retention', async () => {
  const policy = compileRetentionRules([{ name: 'untagged', kind: 'delete-untagged', olderThan: '1m' }]);
  for await (const plan of planAll(content, { policy, immutable: compileImmutableRules([]) })) {
    await carryOut(content, plan, () => Promise.resolve());
  }
  return {};
});
await server.listen({ host: '127.0.0.1', port: 0 });
tell({ port: (server.server.address() as AddressInfo).port });
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
