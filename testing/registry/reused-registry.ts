import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import type { Gate } from '../../src/registry/pipeline/gate.ts';
import type { Origin } from '../../src/registry/pipeline/origin.ts';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';
import type { SqlQueries } from '../../src/store/sql/database.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { type CacheParts, openCache, type OwnCache, type OwnCacheOptions, ownCache } from './own-cache.ts';
import { type OwnRegistry, startOwnRegistry } from './own-registry.ts';

/**
 * A registry that tests of one file have one after the other, each with a cache of its own and without what was kept before: making
 * the folders, tables and routes of a new one takes longer than most tests.
 */
export interface ReusedRegistry extends AsyncDisposable {
  /** As `startOwnCache`, but for `folder` and `registry`. One at a time. */
  start(options: Omit<OwnCacheOptions, 'folder' | 'registry'>): Promise<OwnCache>;
  /** Its place for bytes, for a registry with records of its own. */
  blobs(): Promise<BlobStore>;
}

interface Live extends CacheParts {
  readonly origin: Origin;
}

/** Makes one, which opens when it is needed. Only bytes of blobs stay, under digests that nothing names any more. */
export function reuseRegistry(): ReusedRegistry {
  const opened = new AsyncDisposableStack();
  let live: Live | undefined;
  let begun: Promise<{ readonly own: OwnRegistry; readonly folder: string }> | undefined;

  function current(): Live {
    if (live === undefined) throw new Error('No cache was started');
    return live;
  }

  async function begin(): Promise<{ readonly own: OwnRegistry; readonly folder: string }> {
    const folder = opened.use(temporaryDirectory()).path;
    const origin: Origin = {
      findManifest: (...call) => current().origin.findManifest(...call),
      findBlob: (...call) => current().origin.findBlob(...call),
      listTags: (...call) => current().origin.listTags(...call),
      listReferrers: (...call) => current().origin.listReferrers(...call),
    };
    const gate: Gate = {
      enter: (call) => current().upstreams.gate.enter(call),
      judge: (subject, call) => current().upstreams.gate.judge(subject, call),
    };
    const own = await startOwnRegistry({
      folder,
      now: () => live?.clock.now() ?? Date.now(),
      rename: (route, query) => current().upstreams.rename(route, query),
      origin: () => origin,
      gate: () => gate,
    });
    return { own: opened.use(own), folder };
  }

  return {
    async start(options) {
      if (live !== undefined) throw new Error('The cache of another test is still open');
      const { own, folder } = await (begun ??= begin());
      const stack = new AsyncDisposableStack();
      const parts = openCache(options, folder, stack);
      live = { ...parts, origin: parts.upstreams.origin(own.registry.content) };
      const { database } = own.registry.content;
      stack.defer(async () => {
        live = undefined;
        await database.transaction(forgetAll, { durable: false });
        await rm(join(folder, 'data'), { recursive: true, force: true });
      });
      stack.use(parts.upstreams);
      return ownCache(own, parts, folder, stack);
    },
    async blobs() {
      return (await (begun ??= begin())).own.registry.content.blobs;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Every row but those that tell how the tables are made. */
async function forgetAll(queries: SqlQueries): Promise<void> {
  const sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
  for (const { name } of await queries.all<{ name: string }>(sql)) {
    if (name !== 'schema_steps') await queries.run(`DELETE FROM ${name}`);
  }
}
