import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import type { Network } from '../../src/net/network.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { AuditTrail } from '../../src/registry/audit/audit-trail.ts';
import { entryOfChange } from '../../src/registry/audit/entry-of.ts';
import { verifyTrail } from '../../src/registry/audit/verify-trail.ts';
import { collectGarbage } from '../../src/registry/garbage/collect.ts';
import { openRegistry } from '../../src/registry/open-registry.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { openS3BlobStore } from '../../src/store/blob/s3/open.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { bucketName, region } from '../store/s3-server.ts';
import { type FileStep, watchFileSystem } from '../store/watched-file-system.ts';
import { withMethods } from '../with-methods.ts';

/**
 * A process that serves a registry over a folder on loopback, counts the steps in which it changes what is stored, and kills itself
 * at one of them. It is given its folder, and what the object store is reached by where blobs are not to lie in the folder. It
 * tells its port in a line of JSON.
 *
 * - `GET /steps?at=N` counts from now on, and kills it at step N; N = 0 never. It gives the steps that were counted before.
 * - `GET /clock?ahead=N` moves its clock N milliseconds ahead,
 * - `GET /gc` collects garbage, `GET /scrub` scrubs, `GET /uploads` lists what uploads left,
 * - `GET /audit` seals what processes left that ended a minute ago, and verifies the trail.
 */
const [folder = '', place = ''] = process.argv.slice(2);

let ahead = 0;
let killAt = 0;
let steps: string[] = [];

/** Comes to a step, which is half done where that can be. */
async function at(step: string, half?: () => Promise<void>): Promise<void> {
  steps.push(step);
  if (steps.length !== killAt) return;
  await half?.();
  writeSync(1, `${JSON.stringify({ killedAt: step })}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing may happen in it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const changing = new Set(['write', 'sync', 'rename', 'unlink', 'truncate', 'copyFile']);

async function beforeFile({ call, path, to, half }: FileStep): Promise<void> {
  const kind = (to ?? path).includes('/blobs/') ? 'blob' : 'upload';
  if (changing.has(call)) await at(`before ${call} of a file of ${kind}`, half);
}

/** A request that changes something is known to have been done before its answer is looked at. */
function watchNetwork(network: Network): Network {
  return withMethods(network, {
    async request(request) {
      const { method = 'GET' } = request;
      const response = await network.request(request);
      if (method !== 'GET' && method !== 'HEAD') await at(`after ${method} of an object`);
      return response;
    },
  });
}

function watchDatabase(database: SqlDatabase): SqlDatabase {
  return withMethods(database, {
    async transaction(work, options) {
      const result = await database.transaction(async (queries) => {
        const value = await work(queries);
        await at('before COMMIT');
        return value;
      }, options);
      await at('after COMMIT');
      return result;
    },
  });
}

function openBlobs(): Promise<BlobStore> {
  if (place === '') {
    return openFilesystemBlobStore({ folder: join(folder, 'content'), files: watchFileSystem(beforeFile) });
  }
  const { endpoint, credentials } = JSON.parse(place) as {
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  const network = watchNetwork(openNetwork({ widthPerHost: 100 }));
  return openS3BlobStore({ network, endpoint, region, bucket: bucketName, credentials, partBytes: 5 * 1024 * 1024 });
}

const now = (): number => Date.now() + ahead;
// Checkpoints after every few pages, so that kills meet them too.
const opened = await openSqliteDatabase({ path: join(folder, 'registry.db'), checkpointPages: 8, restartPages: 32 });
const database = watchDatabase(opened);
const trail = new AuditTrail({ database: opened, logger: silentLogger, chain: `p-${randomUUID()}`, now });
const { content, server } = await openRegistry({
  database,
  blobs: await openBlobs(),
  now,
  journalFor: (request, identity) => (queries, event) =>
    trail.record(queries, entryOfChange(event, request, identity, now())),
});
server.get<{ Querystring: { readonly at: string } }>('/steps', ({ query }) => {
  const before = steps;
  steps = [];
  killAt = Number(query.at);
  return before;
});
server.get<{ Querystring: { readonly ahead: string } }>('/clock', ({ query }) => {
  ahead = Number(query.ahead);
  return {};
});
server.get('/gc', () => collectGarbage(content, { share: 1 }));
server.get('/scrub', () => scrubRegistry(content, { repair: true }));
server.get('/uploads', () => (place === '' ? readdir(join(folder, 'content', 'uploads')) : []));
server.get('/audit', async () => {
  await trail.adopt();
  await trail.flush();
  return verifyTrail(opened);
});
await server.listen({ host: '127.0.0.1', port: 0 });
writeSync(1, `${JSON.stringify({ port: (server.server.address() as AddressInfo).port })}\n`);
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
