import { Buffer } from 'node:buffer';
import { type Clock, systemClock } from '../../net/clock.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../../net/network.ts';
import type { ContentSource } from '../content-source.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, isDigest } from '../digest.ts';
import { encodeDescriptor } from '../encode-descriptor.ts';
import { OciError } from '../error.ts';
import { limits } from '../limits.ts';
import { parseManifest } from '../manifest.ts';
import { RegistryClient } from './registry-client.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** Content that is at hand, and how it belongs together. */
export interface LocalContent {
  readonly content: ContentSource;
  /** In bytes; undefined for what is not there. */
  sizeOf(digest: Digest): number | undefined;
  readonly tags: ReadonlyMap<string, Descriptor>;
  readonly referrers: ReadonlyMap<Digest, readonly Descriptor[]>;
}

/** No registry has such a name (RFC 6761, 6.4). */
const host = 'saved.invalid';
const indexMediaType = 'application/vnd.oci.image.index.v1+json';

/**
 * A repository that is not in a registry, to be read by what reads registries: requests are answered from the content at
 * hand, as the distribution specification says, and none leaves the process. Bytes are checked as those of a registry.
 */
export function localRepository(local: LocalContent, clock: Clock = systemClock): RemoteRepository {
  const network: Network = {
    clock,
    plainHttp: () => 'asked',
    request: (request) => answer(local, request),
    [Symbol.asyncDispose]: async () => {},
  };
  return { client: new RegistryClient(network, host), repository: 'image' };
}

async function answer(local: LocalContent, { method = 'GET', url, signal }: NetworkRequest): Promise<NetworkResponse> {
  signal?.throwIfAborted();
  const at = new URL(url);
  const [, kind, name = ''] = /^\/v2\/image\/(manifests|blobs|referrers)\/([^/]+)$/.exec(at.pathname) ?? [];
  if (method !== 'GET') return respond(at, 405, 'application/json', failure('UNSUPPORTED'));
  switch (kind) {
    case 'manifests': {
      const bytes = await manifestOf(local, name, signal);
      if (bytes === undefined) return respond(at, 404, 'application/json', failure('MANIFEST_UNKNOWN'));
      return respond(at, 200, parseManifest(bytes).mediaType, bytes);
    }
    case 'blobs': {
      const size = isDigest(name) ? local.sizeOf(name) : undefined;
      if (!isDigest(name) || size === undefined) return respond(at, 404, 'application/json', failure('BLOB_UNKNOWN'));
      return respond(at, 200, 'application/octet-stream', local.content.openLayer(blob(name, size), signal), size);
    }
    case 'referrers': {
      const found = isDigest(name) ? (local.referrers.get(name) ?? []) : [];
      const index = { schemaVersion: 2, mediaType: indexMediaType, manifests: found.map(encodeDescriptor) };
      return respond(at, 200, indexMediaType, Buffer.from(JSON.stringify(index)));
    }
    default:
      return respond(at, 404, 'application/json', failure('NOT_FOUND'));
  }
}

async function manifestOf(
  local: LocalContent,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  const digest = isDigest(reference) ? reference : local.tags.get(reference)?.digest;
  const size = digest === undefined ? undefined : local.sizeOf(digest);
  if (digest === undefined || size === undefined) return undefined;
  try {
    return await local.content.readContent(blob(digest, size), limits.manifestBytes, signal);
  } catch (error) {
    if (error instanceof OciError && error.code === 'BLOB_UNKNOWN') return undefined;
    throw error;
  }
}

function blob(digest: Digest, size: number): Descriptor {
  return { mediaType: 'application/octet-stream', digest, size };
}

function failure(code: string): Buffer {
  return Buffer.from(JSON.stringify({ errors: [{ code }] }));
}

function respond(
  url: URL,
  status: number,
  mediaType: string,
  body: Buffer | AsyncIterable<Uint8Array>,
  length?: number,
): NetworkResponse {
  const size = Buffer.isBuffer(body) ? body.length : length;
  return {
    status,
    url,
    headers: new Map([
      ['content-type', mediaType],
      ...(size === undefined ? [] : [['content-length', String(size)] as const]),
    ]),
    body: Buffer.isBuffer(body) ? once(body) : body,
    discard: () => {},
  };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
