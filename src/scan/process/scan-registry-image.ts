import type { Clock } from '../../net/clock.ts';
import { checkConfigType } from '../../oci/artifact.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { foreignLayers } from '../../oci/foreign-layers.ts';
import { limits } from '../../oci/limits.ts';
import type { ImageManifest } from '../../oci/manifest.ts';
import { ContentPace } from './channel/content-pace.ts';
import { readParts } from './channel/parts.ts';
import { ChannelError } from './channel/question.ts';
import { type BlobOrigin, ContentService } from './channel/serve-content.ts';
import { UnscannableError } from './error.ts';
import { giveWay } from './give-way.ts';
import { processLimits } from './limits.ts';
import { parseScanned, type ScanResult } from './parse-scanned.ts';
import type { ScanPool } from './pool/scan-pool.ts';
import { unscannableAnswer, unscannableDocument } from './why-unscannable.ts';
import type { ScanTask } from './worker/tasks.ts';

/** What scans are run with. */
export interface LayerScan {
  readonly pool: ScanPool;
  /** Milliseconds that one may take, and stored bytes that an image may have. */
  readonly time: number;
  readonly imageBytes: number;
  readonly task: Pick<ScanTask, 'database' | 'cache' | 'reading'>;
  /** Has scans that wait for their content give way to those that wait for a process; none does without. */
  readonly clock?: Clock;
}

/** An image of a registry: one manifest, which is read when it is asked for. */
export interface RegistryImage {
  readonly descriptor: Descriptor;
  /** @throws OciError */
  readonly manifest: () => Promise<ImageManifest>;
}

/**
 * Reads the layers of an image of a registry in a process that sees nothing but them.
 *
 * @throws UnscannableError; OciError where the manifest cannot be had; the signal's reason
 */
export async function scanRegistryImage(
  { pool, time, imageBytes, task, clock }: LayerScan,
  remote: RemoteRepository,
  { descriptor, manifest: readManifest }: RegistryImage,
  signal: AbortSignal,
): Promise<ScanResult> {
  const manifest = await readManifest();
  checkImage(manifest, imageBytes);
  const blobs = new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob]));
  const content = new RegistryContent(remote);
  const { digest } = descriptor;
  const pace = new ContentPace();
  const served = {
    repository: remote.repository,
    digest,
    manifest: await content.readContent(descriptor, limits.manifestBytes, signal),
    blobs: new Set(blobs.keys()),
    foreign: foreignLayers(manifest),
    origin: originOf(content, blobs),
  };
  const service = new ContentService(served, pace);
  const over = new AbortController();
  let watched: Promise<void> | undefined;
  const question = { kind: 'scan', manifest: descriptor, ...task } satisfies ScanTask;
  try {
    const parts = await pool.use({
      time,
      answer: (asked, stop) => service.answer(asked, stop),
      signal: AbortSignal.any([signal, over.signal]),
      run: (peer, stop) => {
        if (clock !== undefined) {
          watched = giveWay({ pace, clock, limits: processLimits, isWanted: () => pool.isWanted }, over);
        }
        return readParts(peer.ask(question, stop), processLimits.resultBytes);
      },
    });
    if (service.failure !== undefined) throw service.failure;
    const result = parseScanned(parts);
    if (result.isIncomplete) {
      await settle(content, service.unfinished, blobs, AbortSignal.any([signal, AbortSignal.timeout(time)]));
    }
    return result;
  } catch (error) {
    signal.throwIfAborted();
    over.signal.throwIfAborted();
    if (service.failure !== undefined) throw service.failure;
    if (error instanceof ChannelError) throw unscannableAnswer(error);
    if (error instanceof RangeError || error instanceof SyntaxError) {
      throw new UnscannableError('RESULT_INVALID', error.message, { cause: error });
    }
    throw error;
  } finally {
    over.abort();
    await watched;
  }
}

/**
 * Reads on to their ends what was read in part: who stopped at bytes that are no layer has seen something of the image only when they are
 * the image's.
 *
 * @throws OciError
 */
async function settle(
  content: RegistryContent,
  unfinished: Iterable<Digest>,
  blobs: ReadonlyMap<Digest, Descriptor>,
  signal: AbortSignal,
): Promise<void> {
  for (const digest of unfinished) {
    const descriptor = blobs.get(digest);
    if (descriptor === undefined) continue;
    for await (const _ of content.openLayer(descriptor, signal));
  }
}

function checkImage(manifest: ImageManifest, imageBytes: number): void {
  try {
    checkConfigType(manifest);
  } catch (error) {
    throw error instanceof OciError ? unscannableDocument(error) : error;
  }
  const size = [manifest.config, ...manifest.layers].reduce((sum, blob) => sum + blob.size, 0);
  if (size > imageBytes) {
    throw new UnscannableError('IMAGE_TOO_LARGE', `The image has ${size} bytes, more than the settings let scans read`);
  }
}

function originOf(content: RegistryContent, blobs: ReadonlyMap<Digest, Descriptor>): BlobOrigin {
  return {
    findBlob: (_repository, digest) => {
      const descriptor = blobs.get(digest);
      if (descriptor === undefined) throw new OciError('BLOB_UNKNOWN', 'This is no content of the image');
      const blob = {
        size: descriptor.size,
        // Whoever asked checks what comes.
        read: (_range: unknown, signal?: AbortSignal) => content.openLayer(descriptor, signal),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return Promise.resolve({ open: () => Promise.resolve(blob) });
    },
  };
}
