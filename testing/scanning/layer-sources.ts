import type { FileReading } from '../../src/catalog/file-reading.ts';
import type { LayerResult, LayerTask } from '../../src/scan/layer-analysis.ts';
import { sha256 } from '../image/image-builder.ts';
import { file, writeTar } from '../image/tar-writer.ts';
import { npmPackage } from '../package-files.ts';

/** A layer's tar with a package, and a file by whose name nobody wants it. */
export const layerTar: Buffer = writeTar([
  npmPackage('a', '1.0.0'),
  file('x', '{"name":"x","version":"1.0.0"}'),
  file('blob', Buffer.alloc(400_000, 7)),
]);

/** The task of reading it. */
export const readLayerTar: Omit<LayerTask, 'range'> = { expectation: { diffId: sha256(layerTar) } };

/** Gives bytes in small chunks. */
export async function* inChunks(bytes: Buffer = layerTar): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 9000) yield bytes.subarray(at, at + 9000);
}

/** Gives a chunk of the tar, then nothing until it is aborted. */
export async function* stalled(signal: AbortSignal): AsyncGenerator<Buffer> {
  yield layerTar.subarray(0, 200_000);
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

/** The paths of the files that something was read of. */
export function pathsOf(result: LayerResult): string[] {
  return ('readings' in result ? result.readings : (result as readonly FileReading[])).map(({ path }) => path);
}
