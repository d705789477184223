import { streamRange } from '../oci/file-range.ts';
import type { FileRange, Layer } from '../oci/image.ts';
import type { LayerExpectation } from './layer-analysis.ts';

/** Where the bytes of a layer are: in a file, or what `open` gives each time anew. */
export type LayerSource = Pick<Layer, 'range' | 'locate' | 'open'>;

/** The file that a layer's bytes lie in, or come to lie in; undefined where there is none. @throws OciError */
export async function rangeOf(source: LayerSource, signal: AbortSignal): Promise<FileRange | undefined> {
  return source.range ?? (await source.locate?.(signal));
}

/** The bytes of a layer, wherever they are. @throws OciError */
export async function* bytesOf(source: LayerSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const range = await rangeOf(source, signal);
  yield* range === undefined ? source.open(signal) : streamRange(range, signal);
}

/** What a layer's bytes must turn out to be. */
export function expectationOf({ diffId, descriptor }: Layer): LayerExpectation {
  return descriptor === undefined ? { diffId } : { diffId, digest: descriptor.digest, size: descriptor.size };
}
