import type { RequestBody } from '../../net/exchange.ts';
import type { NetworkResponse } from '../../net/network.ts';
import type { StoredBlob } from '../content-sink.ts';
import { type Digest, isDigest } from '../digest.ts';
import { OciError } from '../error.ts';
import { digestOf } from '../verify-content.ts';
import type { Access } from './authorizer.ts';
import type { RegistryClient } from './registry-client.ts';

/** A manifest or index to push. */
export interface PushedManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** How to push a blob. */
export interface PushBlobOptions {
  /** A repository of the same registry that may hold the blob already. */
  readonly mountFrom?: string;
  /** Sends pieces of this many bytes instead of the whole at once. */
  readonly chunkBytes?: number;
  readonly signal?: AbortSignal;
}

/** A blob held in memory, ready to push. */
export function blobOf(bytes: Uint8Array): StoredBlob {
  return {
    digest: digestOf(bytes),
    size: bytes.length,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}

/**
 * Brings a blob into a repository, sending no bytes when the registry has it (distribution-spec, "Pushing blobs").
 *
 * @throws OciError DIGEST_MISMATCH when the registry stored something else, and the codes of other answers
 */
export async function pushBlob(
  client: RegistryClient,
  repository: string,
  blob: StoredBlob,
  options: PushBlobOptions = {},
): Promise<'present' | 'mounted' | 'pushed'> {
  const { mountFrom, chunkBytes, signal } = options;
  const access: Access = { repository, actions: 'pull,push' };
  const question = { kind: 'upload', name: blob.digest } as const;
  const path = `${repository}/blobs/${blob.digest}`;
  const head = await client.request({ method: 'HEAD', path, access, signal });
  head.discard();
  if (head.status === 200) return 'present';

  let start = await startUpload(client, access, mountFrom === undefined ? '' : mountQuery(blob, mountFrom), signal);
  if (mountFrom !== undefined && start.status === 201) {
    start.discard();
    return 'mounted';
  }
  if (mountFrom !== undefined && start.status !== 202) {
    // A source that this user may not read is no reason not to send the bytes.
    start.discard();
    start = await startUpload(client, access, '', signal);
  }
  let location = await nextLocation(client, start, [202], question);
  let body: RequestBody = () => blob.open();
  let length = blob.size;
  if (chunkBytes !== undefined && blob.size > chunkBytes) {
    let sent = 0;
    for await (const chunk of chunksOf(blob.open(), chunkBytes)) {
      const headers = {
        'content-type': 'application/octet-stream',
        'content-range': `${sent}-${sent + chunk.length - 1}`,
      };
      const response = await client.request({ method: 'PATCH', path: location, access, headers, body: chunk, signal });
      location = await nextLocation(client, response, [202], question);
      sent += chunk.length;
    }
    body = new Uint8Array(0);
    length = 0;
  }
  location.searchParams.set('digest', blob.digest);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(length) };
  const done = await client.request({ method: 'PUT', path: location, access, headers, body, signal });
  if (done.status !== 201) throw await client.explain(done, question);
  done.discard();
  checkStored(done, blob.digest);
  return 'pushed';
}

/**
 * Puts a manifest under a tag or its digest (distribution-spec, "Pushing Manifests").
 *
 * @throws OciError DIGEST_MISMATCH when the registry stored something else, and the codes of other answers
 */
export async function pushManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
  manifest: PushedManifest,
  signal?: AbortSignal,
): Promise<Digest> {
  await putManifest(client, repository, reference, manifest, {}, signal);
  return digestOf(manifest.bytes);
}

/**
 * Puts a manifest as {@link pushManifest} does, on conditions (RFC 9110, 13.1) that registries are free to ignore.
 *
 * @returns false when the registry says that a condition does not hold
 * @throws OciError as `pushManifest` does
 */
export async function putManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
  manifest: PushedManifest,
  conditions: { readonly ifMatch?: string; readonly ifNoneMatch?: string },
  signal?: AbortSignal,
): Promise<{ readonly subject: string | undefined } | false> {
  const { ifMatch, ifNoneMatch } = conditions;
  const response = await client.request({
    method: 'PUT',
    path: `${repository}/manifests/${reference}`,
    access: { repository, actions: 'pull,push' },
    headers: {
      'content-type': manifest.mediaType,
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
    },
    body: manifest.bytes,
    signal,
  });
  const conditional = ifMatch !== undefined || ifNoneMatch !== undefined;
  if (conditional && response.status === 412) {
    response.discard();
    return false;
  }
  const name = `${client.registry}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
  if (response.status !== 201) throw await client.explain(response, { kind: 'upload', name });
  response.discard();
  checkStored(response, digestOf(manifest.bytes));
  return { subject: response.headers.get('oci-subject')?.trim() };
}

function startUpload(
  client: RegistryClient,
  access: Access,
  query: string,
  signal: AbortSignal | undefined,
): Promise<NetworkResponse> {
  const path = `${access.repository}/blobs/uploads/${query}`;
  const headers = { 'content-length': '0' };
  // An upload that was started twice leaves one behind, which registries clear away themselves.
  return client.request({ method: 'POST', path, access, headers, idempotent: true, signal });
}

function mountQuery({ digest }: StoredBlob, from: string): string {
  return `?${new URLSearchParams({ mount: digest, from }).toString()}`;
}

async function nextLocation(
  client: RegistryClient,
  response: NetworkResponse,
  statuses: readonly number[],
  question: { readonly kind: 'upload'; readonly name: string },
): Promise<URL> {
  if (!statuses.includes(response.status)) throw await client.explain(response, question);
  response.discard();
  const location = URL.parse(response.headers.get('location') ?? '', response.url.href);
  const downgrade = response.url.protocol === 'https:' && location?.protocol !== 'https:';
  if (location !== null && response.headers.has('location') && !downgrade) return location;
  throw new OciError(
    'REGISTRY_PROTOCOL',
    `${response.url.host} did not say where ${question.name} may safely be sent to`,
  );
}

function checkStored(response: NetworkResponse, digest: Digest): void {
  const stored = response.headers.get('docker-content-digest')?.trim();
  if (stored === undefined || stored === digest || !stored.startsWith('sha256:')) return;
  throw new OciError('DIGEST_MISMATCH', `${response.url.host} stored something else than ${digest}; push it again`);
}

/** Cuts a stream into pieces of exactly `size` bytes; the last may be shorter. */
async function* chunksOf(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (let chunk of stream) {
    while (length + chunk.length >= size) {
      const head = chunk.subarray(0, size - length);
      yield Buffer.concat([...held, head]);
      chunk = chunk.subarray(head.length);
      held = [];
      length = 0;
    }
    if (chunk.length > 0) held.push(chunk);
    length += chunk.length;
  }
  if (length > 0) yield Buffer.concat(held);
}
