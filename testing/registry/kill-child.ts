import { writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { collectGarbage } from '../../src/registry/garbage/collect.ts';
import { openRegistry } from '../../src/registry/open-registry.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { withMethods } from '../with-methods.ts';

/**
 * A process that serves a registry over a folder on loopback, and tells its port in a line of JSON. What is asked of it besides:
 *
 * - `GET /clock?ahead=N` moves its clock N milliseconds ahead,
 * - `GET /kill?at=WHAT&nth=N` lets it kill itself when it comes to something for the Nth time, and tell that,
 * - `GET /gc` collects garbage, `GET /scrub` scrubs and repairs.
 */
const [folder = ''] = process.argv.slice(2);

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

const now = (): number => Date.now() + ahead;
const database = watchDatabase(await openSqliteDatabase({ path: join(folder, 'registry.db') }));
const blobs = watchBlobs(await openFilesystemBlobStore({ folder: join(folder, 'content') }));
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
await server.listen({ host: '127.0.0.1', port: 0 });
tell({ port: (server.server.address() as AddressInfo).port });
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
