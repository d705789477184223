import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { openRegistry, type Registry, type RegistryOptions } from '../../src/registry/open-registry.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';

/** What came back, read whole. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly json: () => unknown;
}

/** How to ask. */
export interface OwnRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ReadableStream;
}

/** The program's own registry, listening on loopback over a folder that goes with it. */
export interface OwnRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly url: string;
  readonly registry: Registry;
  /** Asks for a path behind `/v2/`. */
  ask(method: string, path: string, request?: OwnRequest): Promise<OwnAnswer>;
  /** Pushes a blob at once, and gives its descriptor. */
  pushBlob(repository: string, bytes: string | Uint8Array): Promise<{ readonly digest: string; readonly size: number }>;
}

/** Starts one, in a new folder unless one is named. */
export async function startOwnRegistry(
  options: Partial<RegistryOptions> & { readonly folder?: string } = {},
): Promise<OwnRegistry> {
  await using opened = new AsyncDisposableStack();
  const folder = options.folder ?? opened.use(temporaryDirectory()).path;
  mkdirSync(folder, { recursive: true });
  const database = options.database ?? opened.use(await openSqliteDatabase({ path: join(folder, 'registry.db') }));
  const blobs = options.blobs ?? opened.use(await openFilesystemBlobStore({ folder: join(folder, 'content') }));
  const registry = await openRegistry({ ...options, database, blobs });
  opened.defer(() => registry.server.close());
  await registry.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = registry.server.server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const url = `${options.tls === undefined ? 'http' : 'https'}://${host}`;
  const kept = opened.move();

  async function ask(method: string, path: string, request: OwnRequest = {}): Promise<OwnAnswer> {
    const { headers = {}, body } = request;
    const response = await fetch(`${url}/v2/${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return {
      status: response.status,
      headers: response.headers,
      body: bytes,
      json: () => JSON.parse(bytes.toString()) as unknown,
    };
  }

  return {
    host,
    url,
    registry,
    ask,
    async pushBlob(repository, bytes) {
      const digest = digestOfText(bytes);
      const { status, body } = await ask('POST', `${repository}/blobs/uploads/?digest=${digest}`, { body: bytes });
      if (status !== 201) throw new Error(`The blob was answered ${status}: ${body.toString()}`);
      return { digest, size: Buffer.byteLength(bytes) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The sha256 digest of a text or bytes. */
export function digestOfText(bytes: string | Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
