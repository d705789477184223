import { randomUUID } from 'node:crypto';
import { Server as HttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { BlobStore } from '../store/blob/blob-store.ts';
import { migrations } from '../store/metadata/schema.ts';
import type { SqlDatabase } from '../store/sql/database.ts';
import { migrate } from '../store/sql/migrate.ts';
import type { Content, Journal, PushLimit, Sparse, TagGuard } from './content/content.ts';
import { addApi } from './api/add-api.ts';
import { ManifestCache } from './content/manifest-cache.ts';
import { RunningHashes } from './content/running-hashes.ts';
import { createServer, type ServerOptions } from './http/server.ts';
import { limits } from './limits.ts';
import type { AccessControl } from './pipeline/access-control.ts';
import { type Gate, openGate } from './pipeline/gate.ts';
import { openAccess } from './pipeline/open-access.ts';
import { type Outcome, type PipelineParts, serveRequest } from './pipeline/pipeline.ts';

/** What a registry is made of. What is left out is as it is for a registry that nobody set up. */
export interface RegistryOptions {
  readonly database: SqlDatabase;
  readonly blobs: BlobStore;
  readonly access?: AccessControl;
  readonly gate?: Gate;
  readonly guard?: TagGuard;
  readonly limit?: PushLimit;
  readonly sparse?: Sparse;
  /** Whether clients are sent to the blob store for blobs. */
  readonly redirects?: boolean;
  /** Most bytes of one blob. */
  readonly blobBytes?: number;
  readonly journalFor?: PipelineParts['journalFor'];
  readonly begin?: () => void;
  readonly observe?: (outcome: Outcome) => void;
  readonly tls?: ServerOptions['tls'];
  readonly timeouts?: ServerOptions['timeouts'];
  readonly logger?: Logger;
  /** Of the program, for those who ask the API. */
  readonly version?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly wait?: Content['wait'];
}

/** A registry that is ready to listen. */
export interface Registry {
  readonly content: Content;
  readonly server: FastifyInstance;
  /** Lets another decide from now on who may do what. */
  use(access: AccessControl): void;
  /** Serves another certificate on connections that come from now on. */
  setTls(options: SecureContextOptions): void;
}

const noJournal: Journal = () => Promise.resolve();

/** Brings the tables up to date, and makes the server. Whoever opened the stores closes them after it. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { database, blobs, logger = silentLogger } = options;
  await migrate(database, migrations);
  const content: Content = {
    database,
    blobs,
    limit: options.limit ?? (() => Promise.resolve()),
    guard: options.guard ?? { refusal: () => undefined, isHeld: () => false },
    hashes: new RunningHashes(),
    manifests: new ManifestCache(limits.manifestCacheBytes),
    redirects: options.redirects ?? false,
    sparse: options.sparse ?? 'indexes',
    blobBytes: options.blobBytes ?? limits.blobBytes,
    now: options.now ?? Date.now,
    wait: options.wait ?? wait,
    newId: randomUUID,
  };
  let access = options.access ?? openAccess;
  const parts: PipelineParts = {
    content,
    get access() {
      return access;
    },
    gate: options.gate ?? openGate,
    journalFor: options.journalFor ?? (() => noJournal),
    begin: options.begin ?? (() => undefined),
    observe: options.observe ?? (() => undefined),
    logger,
  };
  const server = createServer({
    distribution: (request, response) => serveRequest(parts, request, response),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
  });
  addApi(server, { content, access: () => access, version: options.version ?? '0.0.0', logger });
  return {
    content,
    server,
    use: (next) => {
      access = next;
    },
    setTls: (next) => {
      if (server.server instanceof HttpsServer) server.server.setSecureContext(next);
    },
  };
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}
