import type { LayerResult, LayerTask } from './layer-analysis.ts';
import type { LayerSource } from './layer-source.ts';

/**
 * Where layers are read: on threads of their own (`LayerPool`), or on the thread that asks (`LayersHere`). Both read several at a time, and
 * give the same results and errors.
 */
export interface LayerRunner extends AsyncDisposable {
  /** Whether layers are read on the thread that asks, so that a small one gains nothing by being read elsewhere. */
  readonly isHere: boolean;
  /** Prepares for so many layers, before the first bytes are there. */
  warm(count: number): void;
  /**
   * Reads a layer. What it reads from is not used any more once this has settled, and may be closed.
   *
   * @param source where the layer's bytes are; asked in its turn. The signal of `open` says that nobody reads on
   * @param onBytes hears how many stored bytes were read since the last time
   * @throws OciError, CodecError, RootfsError as reading the layer does; what `source` throws; the signal's reason; ScanError WORKER_FAILED
   */
  run(
    task: Omit<LayerTask, 'range'>,
    source: LayerSource,
    signal: AbortSignal,
    onBytes?: (bytes: number) => void,
  ): Promise<LayerResult>;
  /** Gives back what is held for layers that may come. Later ones are read all the same. */
  endIdle(): Promise<void>;
}
