import { Buffer } from 'node:buffer';
import { type Clock, systemClock } from '../../net/clock.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../../net/network.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, isDigest } from '../digest.ts';
import { encodeDescriptor } from '../encode-descriptor.ts';
import { parseManifest } from '../manifest.ts';
import { RegistryClient } from './registry-client.ts';
import type { RemoteRepository } from './remote-repository.ts';

/** Content that is at hand, and how it belongs together. What is not there is undefined; failing to look is thrown. */
export interface LocalContent {
  /** The bytes of a manifest, by its digest or a tag. */
  manifest(reference: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined>;
  blob(digest: Digest, signal: AbortSignal | undefined): Promise<LocalBlob | undefined>;
  /** What names a digest as its subject. */
  referrers(digest: Digest, signal: AbortSignal | undefined): Promise<readonly Descriptor[]>;
}

/** A blob at hand. */
export interface LocalBlob {
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
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
      const bytes = await local.manifest(name, signal);
      if (bytes === undefined) return respond(at, 404, 'application/json', failure('MANIFEST_UNKNOWN'));
      return respond(at, 200, parseManifest(bytes).mediaType, Buffer.from(bytes));
    }
    case 'blobs': {
      const blob = isDigest(name) ? await local.blob(name, signal) : undefined;
      if (blob === undefined) return respond(at, 404, 'application/json', failure('BLOB_UNKNOWN'));
      return respond(at, 200, 'application/octet-stream', blob.bytes, blob.size);
    }
    case 'referrers': {
      const found = isDigest(name) ? await local.referrers(name, signal) : [];
      const index = { schemaVersion: 2, mediaType: indexMediaType, manifests: found.map(encodeDescriptor) };
      return respond(at, 200, indexMediaType, Buffer.from(JSON.stringify(index)));
    }
    default:
      return respond(at, 404, 'application/json', failure('NOT_FOUND'));
  }
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
