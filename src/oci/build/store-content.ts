import { mapBounded } from '../../base/concurrency.ts';
import { type Progress, silentProgress } from '../../base/progress.ts';
import type { ContentSink } from '../content-sink.ts';
import { verifyStream } from '../verify-stream.ts';
import type { BuiltContent } from './model.ts';

/** Blobs stored at a time; each may take a place at the base's source and one at the target. */
const blobWidth = 3;

/**
 * Stores what was built: blobs, then manifests, the index last, so that nothing is ever named that is not there. Each byte is checked
 * against its digest on the way.
 *
 * @throws what the sink and the base's source throw
 */
export async function storeContent(
  content: BuiltContent,
  sink: ContentSink,
  signal?: AbortSignal,
  progress: Progress = silentProgress,
): Promise<void> {
  const blobs = [...content.blobs.values()];
  const total = blobs.reduce((sum, { size }) => sum + size, 0);
  const task = progress.start(`Storing ${blobs.length} blobs`, { total, unit: 'bytes' });
  try {
    await mapBounded(blobs, blobWidth, async (blob) => {
      await sink.writeBlob({ ...blob, open: () => verifyStream(blob.open(), blob) }, signal);
      task.advance(blob.size);
    });
    for (const { manifest } of content.images) await sink.writeManifest(manifest.descriptor, manifest.bytes, signal);
    const { root, images } = content;
    if (images.some(({ manifest }) => manifest === root)) return;
    await sink.writeManifest(root.descriptor, root.bytes, signal);
  } finally {
    task.finish();
  }
}
