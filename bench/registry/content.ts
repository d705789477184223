import { createHash, randomBytes } from 'node:crypto';
import { authorization } from './server.ts';

/** A document's media type, digest and size. */
export interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** The sha256 digest of bytes. */
function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Pushes a blob in two requests, as most clients do. */
export async function pushBlob(
  host: string,
  repository: string,
  bytes: Uint8Array,
  mediaType: string = types.layer,
): Promise<Described> {
  const digest = digestOf(bytes);
  const begun = await send(host, 'POST', `/v2/${repository}/blobs/uploads/`, 202);
  const place = new URL(begun.headers.get('location') ?? '', `http://${host}`);
  place.searchParams.set('digest', digest);
  await send(host, 'PUT', place.pathname + place.search, 201, bytes, 'application/octet-stream');
  return { mediaType, digest, size: bytes.length };
}

/** Pushes an image of some small layers under a tag. */
export async function pushImage(host: string, repository: string, tag: string, layers: number): Promise<Described> {
  const config = await pushBlob(host, repository, Buffer.from(JSON.stringify({ os: 'linux', tag })), types.config);
  const pushed: Described[] = [];
  for (let at = 0; at < layers; at += 1) pushed.push(await pushBlob(host, repository, randomBytes(1024)));
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: types.manifest, config, layers: pushed });
  await send(host, 'PUT', `/v2/${repository}/manifests/${tag}`, 201, Buffer.from(manifest), types.manifest);
  return { mediaType: types.manifest, digest: digestOf(manifest), size: manifest.length };
}

async function send(
  host: string,
  method: string,
  path: string,
  expected: number,
  body?: Uint8Array,
  type?: string,
): Promise<Response> {
  const response = await fetch(`http://${host}${path}`, {
    method,
    headers: { authorization, ...(type === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: Buffer.from(body) }),
  });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
  return response;
}
