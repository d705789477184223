import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltContent } from '../image/image-builder.ts';
import type { OwnRegistry } from './own-registry.ts';

/** Fails unless a layout's root is this content, with every blob of it, byte by byte. */
export function checkLayout(folder: string, { descriptor, blobs }: BuiltContent): void {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  assert.ok(
    index.manifests.some(({ digest }) => digest === descriptor.digest),
    `${descriptor.digest} is not in ${JSON.stringify(index.manifests)}`,
  );
  for (const [digest, bytes] of blobs) {
    assert.deepEqual(readFileSync(join(folder, 'blobs', digest.replace(':', '/'))), bytes, digest);
  }
}

/** Brings content into a repository by this program's own requests, blobs before manifests. */
export async function store(own: OwnRegistry, repository: string, tag: string, content: BuiltContent): Promise<void> {
  const { descriptor, blobs } = content;
  const parsed = [...blobs].map(([digest, bytes]) => ({ digest, bytes, isManifest: isManifest(bytes) }));
  for (const { bytes } of parsed.filter((blob) => !blob.isManifest)) await own.pushBlob(repository, bytes);
  for (const { digest, bytes } of parsed.filter((blob) => blob.isManifest)) {
    const { mediaType } = JSON.parse(bytes.toString()) as { readonly mediaType: string };
    const query = digest === descriptor.digest ? `?tag=${tag}` : '';
    const request = { body: bytes, headers: { 'content-type': mediaType } };
    const { status } = await own.ask('PUT', `${repository}/manifests/${digest}${query}`, request);
    assert.equal(status, 201, `${repository} ${digest}`);
  }
}

function isManifest(bytes: Buffer): boolean {
  return bytes.subarray(0, 40).toString().startsWith('{"schemaVersion":2,"mediaType":');
}

/** Fails unless a repository has this content under a tag, with every blob and manifest of it, byte by byte. */
export async function checkStored(
  own: OwnRegistry,
  repository: string,
  tag: string,
  { descriptor, blobs }: BuiltContent,
): Promise<void> {
  const root = await own.ask('GET', `${repository}/manifests/${tag}`);
  assert.equal(root.status, 200, `${repository}:${tag}`);
  assert.equal(root.headers.get('docker-content-digest'), descriptor.digest);
  assert.equal(root.headers.get('content-type'), descriptor.mediaType);
  for (const [digest, bytes] of blobs) {
    const got = await own.ask('GET', `${repository}/${isManifest(bytes) ? 'manifests' : 'blobs'}/${digest}`);
    assert.equal(got.status, 200, `${repository} ${digest}`);
    assert.deepEqual(got.body, bytes, digest);
  }
}
