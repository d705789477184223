import type { Content, Journal } from '../../src/registry/content/content.ts';
import { mountBlob, type Mount } from '../../src/registry/content/mount-blob.ts';
import { type PushedResult, pushManifest } from '../../src/registry/content/push-manifest.ts';
import { appendUpload, finishUpload, requireUpload, startUpload } from '../../src/registry/content/upload.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { chunked, digestOf } from '../store/blob-data.ts';

/** Writes nothing down. */
export const noJournal: Journal = () => Promise.resolve();

const owner = 'anonymous';

/** How a client sends a blob. */
export type PushForm =
  /** One request that says how long it is. */
  | 'whole'
  /** One request of unknown length. */
  | 'stream'
  /** Two chunks and an end without a body. */
  | 'chunks';

/** Pushes a blob as a client would. */
export async function pushBlob(
  content: Content,
  repository: string,
  bytes: Uint8Array,
  form: PushForm = 'whole',
): Promise<Digest> {
  const { signal } = new AbortController();
  const digest = digestOf(bytes);
  const id = await startUpload(content, repository, owner);
  const incoming = (part: Uint8Array): { chunks: AsyncIterable<Uint8Array>; length: number | undefined } => ({
    chunks: chunked(part),
    length: form === 'stream' ? undefined : part.length,
  });
  let last = bytes;
  if (form === 'chunks') {
    const half = Math.ceil(bytes.length / 2);
    for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
      const upload = await requireUpload(content, repository, id, owner);
      await appendUpload(content, upload, incoming(part), signal);
    }
    last = new Uint8Array();
  }
  const upload = await requireUpload(content, repository, id, owner);
  await finishUpload(content, upload, incoming(last), digest, signal, noJournal);
  return digest;
}

/** What a manifest or index of a test says. */
export interface TestManifest {
  readonly blobs?: readonly Digest[];
  /** Makes it an index, which lists the blobs as well. */
  readonly manifests?: readonly Digest[];
  readonly subject?: Digest;
  /** Makes it another one than others of the same content; long ones make it too large for the database. */
  readonly note?: string;
}

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

/** The bytes and the media type of a manifest. */
export function manifestOf({ blobs = [], manifests, subject, note }: TestManifest): {
  readonly bytes: Buffer;
  readonly mediaType: string;
} {
  const mediaType = manifests === undefined ? imageType : indexType;
  const descriptor = (digest: Digest | undefined, type: string): object => ({ mediaType: type, digest, size: 1 });
  const layer = 'application/vnd.oci.image.layer.v1.tar';
  const document = {
    schemaVersion: 2,
    mediaType,
    ...(manifests === undefined
      ? {
          config: descriptor(blobs[0], 'application/vnd.oci.image.config.v1+json'),
          layers: blobs.slice(1).map((digest) => descriptor(digest, layer)),
        }
      : {
          manifests: [
            ...manifests.map((digest) => descriptor(digest, imageType)),
            ...blobs.map((digest) => descriptor(digest, layer)),
          ],
        }),
    ...(subject === undefined ? {} : { subject: descriptor(subject, imageType) }),
    ...(note === undefined ? {} : { annotations: { note } }),
  };
  return { bytes: Buffer.from(JSON.stringify(document)), mediaType };
}

/** Pushes a manifest, by its digest unless tags are named. */
export function pushTestManifest(
  content: Content,
  repository: string,
  manifest: TestManifest,
  tags: readonly string[] = [],
): Promise<PushedResult> {
  const { bytes, mediaType } = manifestOf(manifest);
  const digest = tags.length === 0 ? digestOf(bytes) : undefined;
  return pushManifest(content, { repository, digest, tags, contentType: mediaType, bytes }, noJournal);
}

/** Mounts a blob for somebody who may read every repository, without a gate; false when it could not be. */
export async function mountFreely(
  content: Content,
  mount: Pick<Mount, 'repository' | 'digest' | 'from'>,
): Promise<boolean> {
  const free = { ...mount, mayPull: () => true, refusal: () => Promise.resolve(undefined) };
  return (await mountBlob(content, free, noJournal)).mounted;
}
