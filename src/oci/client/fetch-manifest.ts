import { createHash } from 'node:crypto';
import { isNetError } from '../../net/error.ts';
import type { NetworkResponse } from '../../net/network.ts';
import type { Descriptor } from '../descriptor.ts';
import { type Digest, digestAlgorithm, digestHex, isDigest } from '../digest.ts';
import { OciError } from '../error.ts';
import { limits } from '../limits.ts';
import { acceptedManifestMediaTypes, bareMediaType } from '../media-type.ts';
import { clientLimits } from './limits.ts';
import type { RegistryClient } from './registry-client.ts';
import { registryFailure } from './registry-error.ts';

/** A manifest or index as the registry sent it. */
export interface FetchedManifest {
  /** Its digest is computed from the bytes, whatever the registry claims. */
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  /** What a conditional push names this state by, where the registry tells (RFC 9110, 8.8.3). */
  readonly etag?: string;
}

/**
 * Fetches a manifest or an index by tag or digest (distribution-spec, "Pulling manifests").
 *
 * @throws OciError IMAGE_NOT_FOUND, DIGEST_MISMATCH when the bytes do not have the digest asked for or the one the
 * registry claims, LIMIT_EXCEEDED above 4 MiB, and the codes of other answers
 */
export async function fetchManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal?: AbortSignal,
): Promise<FetchedManifest> {
  const name = `${client.registry}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
  const { response, bytes } = await readWhole(async () => {
    const response = await ask(client, 'GET', repository, reference, signal);
    if (response.status !== 200) throw await client.explain(response, { kind: 'manifest', name });
    return response;
  });
  const mediaType = bareMediaType(response.headers.get('content-type') ?? '');
  if (mediaType === 'text/html') {
    const sentence = `${response.url.host} sent a web page for ${name}; check that it is a registry and not a login page`;
    throw new OciError('REGISTRY_PROTOCOL', sentence);
  }
  const claimed = response.headers.get('docker-content-digest')?.trim();
  for (const digest of [reference, claimed]) {
    if (digest !== undefined && isDigest(digest)) checkDigest(bytes, digest, name);
  }
  const digest = isDigest(reference) ? reference : (`sha256:${hash(bytes, 'sha256')}` as Digest);
  const etag = response.headers.get('etag')?.trim();
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes, ...(etag ? { etag } : {}) };
}

/** Fetches as {@link fetchManifest} does; undefined when the registry says that there is no such manifest. */
export async function fetchManifestIfThere(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal?: AbortSignal,
): Promise<FetchedManifest | undefined> {
  try {
    return await fetchManifest(client, repository, reference, signal);
  } catch (error) {
    if (error instanceof OciError && error.code === 'IMAGE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Asks which manifest a tag means without fetching it, which registries do not count against their limits; undefined
 * when the registry does not say.
 *
 * @throws OciError IMAGE_NOT_FOUND and the codes of other answers
 */
export async function resolveDigest(
  client: RegistryClient,
  repository: string,
  tag: string,
  signal?: AbortSignal,
): Promise<Digest | undefined> {
  const response = await ask(client, 'HEAD', repository, tag, signal);
  response.discard();
  const digest = response.headers.get('docker-content-digest')?.trim() ?? '';
  if (response.status === 200) return isDigest(digest) ? digest : undefined;
  if (response.status === 405) return undefined;
  throw await client.explain(response, { kind: 'manifest', name: `${client.registry}/${repository}:${tag}` });
}

function ask(
  client: RegistryClient,
  method: string,
  repository: string,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<NetworkResponse> {
  return client.request({
    method,
    path: `${repository}/manifests/${reference}`,
    access: { repository, actions: 'pull' },
    headers: { accept: acceptedManifestMediaTypes.join(', ') },
    limits: { maxBodyBytes: limits.manifestBytes },
    signal,
  });
}

/** Reads an answer to its end; a connection that breaks off in the middle is tried anew, a bounded number of times. */
export async function readWhole(
  open: () => Promise<NetworkResponse>,
): Promise<{ readonly response: NetworkResponse; readonly bytes: Buffer }> {
  for (let tries = 1; ; tries += 1) {
    const response = await open();
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      return { response, bytes: Buffer.concat(chunks) };
    } catch (error) {
      if (!isNetError(error, 'RESET') || tries === clientLimits.manifestTries) throw registryFailure(error);
    }
  }
}

function checkDigest(bytes: Buffer, digest: Digest, name: string): void {
  const computed = hash(bytes, digestAlgorithm(digest));
  if (computed === digestHex(digest)) return;
  const sentence = `${name} came with another content than its digest ${digest} stands for; it was damaged or swapped`;
  throw new OciError('DIGEST_MISMATCH', sentence);
}

function hash(bytes: Uint8Array, algorithm: string): string {
  return createHash(algorithm).update(bytes).digest('hex');
}
