import { mapBounded } from '../base/concurrency.ts';
import { errorMessage, isSeaworthyError } from '../base/error.ts';
import type { Problem } from '../base/problem.ts';
import type { Progress } from '../base/progress.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import { catalogers } from '../catalog/list.ts';
import type { Image, Layer } from '../oci/image.ts';
import type { ImageBudget } from './image-budget.ts';
import { analyzeLayer, readLayerEntries } from './analyze-layer.ts';
import { countBytes } from './count-bytes.ts';
import { HeavyLayer, mainThreadPatience, type ThreadPatience } from './heavy-layer.ts';
import type { ScanCache } from './cache/scan-cache.ts';
import type { LayerAnalysis, WantedEntry } from './layer-analysis.ts';
import type { LayerRunner } from './layer-runner.ts';
import { bytesOf, expectationOf, rangeOf } from './layer-source.ts';

/** What reading layers needs. */
export interface LayerContext {
  readonly runner: LayerRunner;
  /** Absent when the user wants no cache. */
  readonly cache?: ScanCache;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What came of one layer. */
export interface LayerOutcome<Result> {
  /** Absent when the layer was not read. */
  readonly result?: Result;
  readonly problems: readonly Problem[];
}

/** Stored bytes below which a layer is read on the main thread: starting a thread takes longer. */
const threadWorthy = 4 * 2 ** 20;
/** Layers under way at once: those that are fetched and those that wait for a thread. */
const width = 8;

/**
 * Reads all layers of an image that no cache knows, several at once. A layer that cannot be read costs only itself.
 *
 * @param budget what may be kept of them together
 * @returns outcomes in the order of the layers
 * @throws the signal's reason
 */
export async function readLayers(
  image: Image,
  context: LayerContext,
  budget: ImageBudget,
): Promise<LayerOutcome<LayerAnalysis>[]> {
  const { cache, runner, progress } = context;
  const admit = (layer: Layer, result: LayerAnalysis): LayerOutcome<LayerAnalysis> => {
    const refusal = budget.refuse(layer, result);
    return refusal === undefined ? { result, problems: result.problems } : { problems: [refusal] };
  };
  const known = await mapBounded(image.layers, width, async (layer) => {
    const result = await cache?.layer(layer);
    if (result !== undefined) return admit(layer, result);
    return layer.absent === undefined ? undefined : { problems: [absentLayer(layer, layer.absent)] };
  });
  const outcomes = known.map((outcome) => outcome ?? { problems: [] });
  const unread = image.layers
    .map((layer, at) => ({ layer, at, size: storedSize(layer) }))
    .filter(({ at }) => known[at] === undefined);
  if (unread.length === 0) return outcomes;
  const total = unread.reduce((sum, { size }) => sum + size, 0);
  const label = `Reading ${unread.length} ${unread.length === 1 ? 'layer' : 'layers'}`;
  const task = progress.start(label, { total, unit: 'bytes' });
  runner.warm(unread.filter(({ size }) => size >= threadWorthy).length);
  try {
    // Largest first, so that no long one is left for the end.
    const bySize = unread.toSorted((a, b) => b.size - a.size);
    await mapBounded(bySize, width, async ({ layer, at, size }) => {
      let told = 0;
      const onBytes = (bytes: number): void => {
        told += bytes;
        task.advance(bytes);
      };
      const { result, problems } = await attempt(layer, context, () => readLayer(layer, context, onBytes));
      // What failed early, or lied about its size, is done with all the same.
      task.advance(size - told);
      outcomes[at] = result === undefined ? { problems } : admit(layer, result);
      if (result !== undefined) await cache?.putLayer(layer, result);
    });
  } finally {
    task.finish();
  }
  // Joining the layers needs memory too. They are gone in some milliseconds, for which nobody needs to wait.
  void runner.endIdle();
  return outcomes;
}

/**
 * Reads some entries of one layer once more, under other paths.
 *
 * @throws the signal's reason
 */
export async function readEntriesOf(
  layer: Layer,
  wanted: readonly WantedEntry[],
  context: LayerContext,
): Promise<LayerOutcome<readonly FileReading[]>> {
  if (layer.absent !== undefined) return { problems: [absentLayer(layer, layer.absent)] };
  const only = wanted.map(({ entry, path }) => ({ entry, path }));
  const { runner, signal } = context;
  return attempt(layer, context, async () => {
    const expectation = expectationOf(layer);
    const here = (patience: ThreadPatience): Promise<readonly FileReading[]> =>
      readLayerEntries(bytesOf(layer, signal), expectation, new Dispatch(catalogers), only, patience);
    const there = (): Promise<unknown> => runner.run({ expectation, only }, layer, signal);
    return (await hereOrThere(layer, context, here, there)) as readonly FileReading[];
  });
}

async function readLayer(
  layer: Layer,
  context: LayerContext,
  onBytes: (bytes: number) => void,
): Promise<LayerAnalysis> {
  const { runner, signal } = context;
  const expectation = expectationOf(layer);
  const here = (patience: ThreadPatience): Promise<LayerAnalysis> =>
    analyzeLayer(countBytes(bytesOf(layer, signal), onBytes), expectation, new Dispatch(catalogers), patience);
  const there = (): Promise<unknown> => runner.run({ expectation }, layer, signal, onBytes);
  return (await hereOrThere(layer, context, here, there)) as LayerAnalysis;
}

/** Reads a small layer on this thread, unless it turns out to be a long work; others as all layers are read. */
async function hereOrThere(
  layer: Layer,
  { runner, signal }: LayerContext,
  here: (patience: ThreadPatience) => Promise<unknown>,
  there: () => Promise<unknown>,
): Promise<unknown> {
  if (runner.isHere || (await surelyStoredSize(layer, signal)) >= threadWorthy) return await there();
  try {
    return await here(mainThreadPatience);
  } catch (error) {
    if (!(error instanceof HeavyLayer)) throw error;
  }
  return await there();
}

/** In bytes; for what is not known yet, a size that deserves a thread. */
function storedSize({ descriptor, range }: Layer): number {
  return descriptor?.size ?? range?.length ?? threadWorthy;
}

/** The same where it may be asked. What is on its way is not asked for before its turn. @throws OciError */
async function surelyStoredSize(layer: Layer, signal: AbortSignal): Promise<number> {
  if (layer.descriptor !== undefined) return layer.descriptor.size;
  return (await rangeOf(layer, signal))?.length ?? threadWorthy;
}

/**
 * Does something with a layer's bytes; what keeps it from that is a problem.
 *
 * @throws the signal's reason
 */
export async function attempt<Result>(
  layer: Layer,
  { signal }: LayerContext,
  work: () => Promise<Result>,
): Promise<LayerOutcome<Result>> {
  try {
    signal.throwIfAborted();
    return { result: await work(), problems: [] };
  } catch (error) {
    signal.throwIfAborted();
    const code = isSeaworthyError(error) ? error.code : 'LAYER_UNREADABLE';
    if (layer.foreign === true && code === 'BLOB_UNKNOWN') return { problems: [absentLayer(layer, 'foreign')] };
    const subject = layer.descriptor?.digest ?? layer.diffId;
    const message = `The layer was not read: ${errorMessage(error)}`;
    return { problems: [{ code, subject, message, incomplete: true }] };
  }
}

/** Clients fetch a foreign layer from its publisher, and what it holds runs with the rest: it hides packages like any other. */
function absentLayer({ diffId: subject }: Layer, absent: NonNullable<Layer['absent']>): Problem {
  if (absent === 'foreign') {
    const message =
      'The layer is foreign (kept elsewhere by its publisher) and was not fetched; packages in it are not listed';
    return { code: 'LAYER_FOREIGN', subject, message, incomplete: true };
  }
  const message =
    'The layer is missing from the archive; packages in it are not listed; export the image again for this platform';
  return { code: 'LAYER_MISSING', subject, message, incomplete: true };
}
