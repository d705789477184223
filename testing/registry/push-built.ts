import assert from 'node:assert/strict';
import type { BuiltContent } from '../image/image-builder.ts';
import type { ServiceOfText } from './service-of-text.ts';

/** Pushes an image or index that was built, its blobs and images first. */
export async function pushBuilt(
  service: Pick<ServiceOfText, 'ask'>,
  repository: string,
  tag: string,
  { descriptor, blobs }: BuiltContent,
): Promise<void> {
  const manifests = new Map<string, string>();
  for (const [digest, bytes] of blobs) {
    const mediaType =
      bytes[0] === 0x7b ? (JSON.parse(bytes.toString()) as { mediaType?: string }).mediaType : undefined;
    if (mediaType !== undefined) manifests.set(digest, mediaType);
    else {
      const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
      assert.equal((await service.ask('POST', path, { body: bytes })).status, 201);
    }
  }
  const put = async (digest: string, name: string): Promise<void> => {
    const headers = { 'content-type': manifests.get(digest) as string };
    const body = blobs.get(digest as typeof descriptor.digest) as Buffer;
    const { status, body: answer } = await service.ask('PUT', `/v2/${repository}/manifests/${name}`, { headers, body });
    assert.equal(status, 201, answer);
  };
  for (const digest of manifests.keys()) if (digest !== descriptor.digest) await put(digest, digest);
  await put(descriptor.digest, tag);
}
