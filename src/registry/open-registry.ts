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
import { addApi, type ApiRefusal } from './api/add-api.ts';
import { localOrigin } from './content/local-origin.ts';
import { ManifestCache } from './content/manifest-cache.ts';
import { RunningHashes } from './content/running-hashes.ts';
import { type ConnectionOptions, Connections } from './http/connections.ts';
import { createServer, type ServerOptions } from './http/server.ts';
import type { RouteObserver } from './http/watched-route.ts';
import { UploadRoom } from './content/upload-room.ts';
import { limits } from './limits.ts';
import type { AccessControl } from './pipeline/access-control.ts';
import { type Gate, openGate } from './pipeline/gate.ts';
import type { Origin } from './pipeline/origin.ts';
import { openAccess } from './pipeline/open-access.ts';
import { headerTraces } from './tracing/request-traces.ts';
import { type Outcome, type PipelineParts, serveRequest } from './pipeline/pipeline.ts';

/** What a registry is made of. What is left out is as it is for a registry that nobody set up. */
export interface RegistryOptions {
  readonly database: SqlDatabase;
  readonly blobs: BlobStore;
  readonly access?: AccessControl;
  /** What stands before content; by default everything passes. */
  readonly gate?: (content: Content, origin: Origin) => Gate;
  /** Where content comes from; by default what it keeps. */
  readonly origin?: (content: Content) => Origin;
  readonly rename?: PipelineParts['rename'];
  readonly guard?: TagGuard;
  readonly limit?: PushLimit;
  readonly uploadBytes?: Content['uploadBytes'];
  readonly sparse?: Sparse;
  /** Whether clients are sent to the blob store for blobs. */
  readonly redirects?: boolean;
  /** Most bytes of one blob; looked at for each, since it may change. */
  readonly blobBytes?: number;
  readonly journalFor?: PipelineParts['journalFor'];
  readonly begin?: () => void;
  readonly observe?: (outcome: Outcome) => void;
  /** The trace of a request, for the log; by default what its client says. */
  readonly traceIdOf?: PipelineParts['traceIdOf'];
  /** Is told of requests to the API. */
  readonly routes?: RouteObserver;
  /** Is told who was refused what by the API. */
  readonly refused?: (refusal: ApiRefusal) => void;
  readonly tls?: ServerOptions['tls'];
  readonly timeouts?: ServerOptions['timeouts'];
  readonly connections?: ConnectionOptions;
  /** Proxies that are believed about where requests come from, as they are now. */
  readonly proxies?: ServerOptions['proxies'];
  /** Most bytes of one manifest, and entries of a page. */
  readonly manifestBytes?: number;
  readonly pageEntries?: number;
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
  readonly origin: Origin;
  readonly server: FastifyInstance;
  /** Lets another decide from now on who may do what. */
  use(access: AccessControl): void;
  /**
   * Serves another certificate on connections that come from now on.
   *
   * @param clients whether other clients are taken than before, so that those that are connected must show again who they are
   */
  setTls(options: SecureContextOptions, clients: boolean): void;
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
    uploadBytes: options.uploadBytes ?? (() => undefined),
    room: new UploadRoom(),
    hashes: new RunningHashes(),
    manifests: new ManifestCache(limits.manifestCacheBytes),
    redirects: options.redirects ?? false,
    sparse: options.sparse ?? 'indexes',
    get blobBytes() {
      return options.blobBytes ?? limits.blobBytes;
    },
    manifestBytes: options.manifestBytes ?? limits.manifestBytes,
    pageEntries: options.pageEntries ?? limits.pageEntries,
    now: options.now ?? Date.now,
    wait: options.wait ?? wait,
    newId: randomUUID,
  };
  let access = options.access ?? openAccess;
  const origin = (options.origin ?? localOrigin)(content);
  const parts: PipelineParts = {
    content,
    get access() {
      return access;
    },
    gate: options.gate?.(content, origin) ?? openGate,
    origin,
    rename: options.rename ?? ((route) => route),
    journalFor: options.journalFor ?? (() => noJournal),
    begin: options.begin ?? (() => undefined),
    observe: options.observe ?? (() => undefined),
    traceIdOf: options.traceIdOf ?? headerTraces.idOf,
    logger,
  };
  const connections = new Connections(options.connections);
  const server = createServer({
    distribution: (request, response) => serveRequest(parts, request, response),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.timeouts === undefined ? {} : { timeouts: options.timeouts }),
    ...(options.proxies === undefined ? {} : { proxies: options.proxies }),
    connections,
  });
  addApi(server, {
    content,
    access: () => access,
    version: options.version ?? '0.0.0',
    logger,
    traceIdOf: parts.traceIdOf,
    observer: options.routes,
    refused: options.refused ?? (() => undefined),
  });
  return {
    content,
    origin,
    server,
    use: (next) => {
      access = next;
    },
    setTls: (next, clients) => {
      if (!(server.server instanceof HttpsServer)) return;
      server.server.setSecureContext(next);
      if (clients) connections.endBetweenRequests();
    },
  };
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
}
