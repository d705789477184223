import { mapBounded } from '../base/concurrency.ts';
import { type Progress, type ProgressTask, silentProgress } from '../base/progress.ts';
import { blobsToCopy, present } from './blobs-to-copy.ts';
import type { ContentSink } from './content-sink.ts';
import type { ContentSource } from './content-source.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import { OciError } from './error.ts';
import { limits } from './limits.ts';
import { type ImageIndex, type ImageManifest, parseManifest } from './manifest.ts';
import { isManifestMediaType } from './media-type.ts';
import { verifyStream } from './verify-stream.ts';

/** A manifest or index that was copied. */
export interface CopiedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly manifest: ImageManifest | ImageIndex;
}

/** What was copied. */
export interface CopiedContent {
  /** What was copied or was there already, parents before children. */
  readonly manifests: readonly CopiedManifest[];
  /** Foreign layers that the source does not have: whoever runs the image fetches them from their publisher. */
  readonly leftOut: readonly Descriptor[];
}

/**
 * Blobs copied at a time. Each takes a place at the source and one at the target, and both may be one host: with more,
 * uploads could take all places and wait for what they send.
 */
const blobWidth = 3;

/**
 * Copies a manifest or index with everything under it: blobs first, then manifests, the root last, so that a target
 * never shows what is not whole. Each byte is checked against its digest on the way. Foreign layers come too, even for manifests that
 * are there, where the source has them; they are never fetched from their `urls`.
 *
 * @param progress is told of the bytes of blobs
 * @throws OciError, or what source and sink throw
 */
export async function copyContent(
  source: ContentSource,
  sink: ContentSink,
  root: Descriptor,
  signal?: AbortSignal,
  progress: Progress = silentProgress,
): Promise<CopiedContent> {
  const tree = await readTree(source, root, signal);
  const there = await mapBounded(tree, blobWidth, async ({ descriptor }) => sink.hasManifest?.(descriptor, signal));
  const lacking = tree.filter((_, at) => there[at] !== true);
  const kept = tree.filter((_, at) => there[at] === true);
  const { own, foreign } = blobsToCopy(source, lacking.map(manifestOf), kept.map(manifestOf));
  const has = await mapBounded(foreign, blobWidth, async (blob) => await hasForeign(source, blob, signal));
  const blobs = [...own, ...foreign.filter((_, at) => has[at] === true)];
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const task = (blobs.length === 0 ? silentProgress : progress).start(`Copying ${blobs.length} blobs`, {
    total,
    unit: 'bytes',
  });
  try {
    await mapBounded(blobs, blobWidth, async (descriptor) => {
      const { digest, size } = descriptor;
      const counter = new BlobCounter(size, task);
      const open = (): AsyncIterable<Uint8Array> =>
        counter.count(verifyStream(source.openLayer(descriptor, signal), descriptor));
      await sink.writeBlob({ digest, size, open }, signal);
      counter.finish();
    });
  } finally {
    task.finish();
  }
  for (const { descriptor, bytes } of lacking.toReversed()) await sink.writeManifest(descriptor, bytes, signal);
  return { manifests: tree, leftOut: foreign.filter((_, at) => has[at] !== true) };
}

function manifestOf({ manifest }: CopiedManifest): ImageManifest | ImageIndex {
  return manifest;
}

/** A source that cannot tell is read, which tells. */
async function hasForeign(source: ContentSource, blob: Descriptor, signal: AbortSignal | undefined): Promise<boolean> {
  const told = source.hasBlob?.(blob) ?? (await source.findBlob?.(blob, signal));
  if (told !== undefined) return told;
  try {
    for await (const _ of source.openLayer(blob, signal)) break;
    return true;
  } catch (error) {
    if (error instanceof OciError && error.code === 'BLOB_UNKNOWN') return false;
    throw error;
  }
}

/** Tells of a blob's bytes once, however often it is sent; one that was there already counts as a whole. */
class BlobCounter {
  readonly #size: number;
  readonly #task: ProgressTask;
  #told = 0;

  constructor(size: number, task: ProgressTask) {
    this.#size = size;
    this.#task = task;
  }

  async *count(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let sent = 0;
    for await (const chunk of chunks) {
      sent += chunk.length;
      this.#tell(sent);
      yield chunk;
    }
  }

  finish(): void {
    this.#tell(this.#size);
  }

  #tell(done: number): void {
    if (done <= this.#told) return;
    this.#task.advance(done - this.#told);
    this.#told = done;
  }
}

/** Level by level, so that no nesting is followed deeper than is allowed, and what is named twice comes once. */
async function readTree(
  source: ContentSource,
  root: Descriptor,
  signal: AbortSignal | undefined,
): Promise<CopiedManifest[]> {
  const read = new Map<Digest, CopiedManifest>();
  let length = 0;
  let level: readonly Descriptor[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limits.indexDepth) throw tooLarge(root, 'indexes within indexes');
    const next: Descriptor[] = [];
    for (const descriptor of level) {
      // A child that stands below two indexes must come after both.
      const known = read.get(descriptor.digest);
      if (known !== undefined) read.delete(descriptor.digest);
      const copied = known ?? (await readManifest(source, descriptor, signal));
      read.set(descriptor.digest, copied);
      if (known === undefined) length += copied.bytes.length;
      if (read.size > limits.copiedManifests || length > limits.copiedManifestBytes) throw tooLarge(root, 'manifests');
      if (copied.manifest.kind === 'index') {
        const documents = copied.manifest.manifests.filter(({ mediaType }) => isManifestMediaType(mediaType));
        next.push(...present(source, documents));
      }
      if (next.length > limits.copiedManifests) throw tooLarge(root, 'manifests');
    }
    level = next;
  }
  return [...read.values()];
}

async function readManifest(
  source: ContentSource,
  descriptor: Descriptor,
  signal: AbortSignal | undefined,
): Promise<CopiedManifest> {
  const bytes = await source.readContent(descriptor, limits.manifestBytes, signal);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  return { descriptor: { ...descriptor, mediaType: manifest.mediaType }, bytes, manifest };
}

function tooLarge({ digest }: Descriptor, what: string): OciError {
  return new OciError('LIMIT_EXCEEDED', `${digest} holds more ${what} than are copied; copy its images one by one`);
}
