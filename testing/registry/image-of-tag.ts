import assert from 'node:assert/strict';
import { digestOf, someBytes } from '../store/blob-data.ts';
import type { OwnAnswer, OwnRequest } from './own-registry.ts';
import { manifestOf } from './push-content.ts';

/** A registry that is asked for paths, which begin with a slash. */
interface AskedRegistry {
  /** Undefined when it is gone. */
  ask(method: string, path: string, request?: OwnRequest): Promise<OwnAnswer | undefined>;
}

/** Of a layer, so that it lies beside the records and not in them. */
const layerBytes = 100_000;

interface TagImage {
  readonly blobs: readonly Buffer[];
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** An image that differs from those of all other tags. */
function imageOf(tag: string): TagImage {
  const blobs = [someBytes(200, `config of ${tag}`), someBytes(layerBytes, `layer of ${tag}`)];
  return { blobs, ...manifestOf({ blobs: blobs.map((blob) => digestOf(blob)) }) };
}

/** The digests of its blobs and its manifest. */
export function digestsOfTag(tag: string): readonly string[] {
  const { blobs, bytes } = imageOf(tag);
  return [...blobs, bytes].map((blob) => digestOf(blob));
}

/** Pushes it as a client does. */
export async function pushTag(registry: AskedRegistry, repository: string, tag: string): Promise<void> {
  const { blobs, bytes, mediaType } = imageOf(tag);
  for (const blob of blobs) {
    const answer = await registry.ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digestOf(blob)}`, {
      body: blob,
    });
    assert.equal(answer?.status, 201, answer?.body.toString());
  }
  const headers = { 'content-type': mediaType };
  const answer = await registry.ask('PUT', `/v2/${repository}/manifests/${tag}`, { headers, body: bytes });
  assert.equal(answer?.status, 201, answer?.body.toString());
}

/** Pulls it whole, and compares each byte. */
export async function assertTag(registry: AskedRegistry, repository: string, tag: string): Promise<void> {
  const { blobs, bytes, mediaType } = imageOf(tag);
  const manifest = await registry.ask('GET', `/v2/${repository}/manifests/${tag}`, { headers: { accept: mediaType } });
  assert.deepEqual([manifest?.status, manifest?.body.equals(bytes)], [200, true], tag);
  for (const blob of blobs) {
    const answer = await registry.ask('GET', `/v2/${repository}/blobs/${digestOf(blob)}`);
    assert.deepEqual([answer?.status, answer?.body.equals(blob)], [200, true], `${tag} ${digestOf(blob)}`);
  }
}
