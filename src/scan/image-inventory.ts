import { mapBounded } from '../base/concurrency.ts';
import { errorMessage, isSeaworthyError } from '../base/error.ts';
import type { Problem } from '../base/problem.ts';
import type { Progress } from '../base/progress.ts';
import { assembleInventory, type SeenReading } from '../catalog/assemble.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import { catalogers } from '../catalog/list.ts';
import type { Image, Layer } from '../oci/image.ts';
import type { Inventory } from '../package/inventory.ts';
import type { LayerOrigin } from '../package/location.ts';
import { buildFileTree, type FileTree } from '../rootfs/file-tree.ts';
import { decodeLayerIndex, type LayerIndex } from '../rootfs/layer-index.ts';
import { LayerIndexBuilder } from '../rootfs/layer-index-builder.ts';
import { analyzeLayer, readLayerEntries } from './analyze-layer.ts';
import type { ScanCache } from './cache/scan-cache.ts';
import { findHiddenReadings, type HiddenReading } from './hidden-readings.ts';
import type { LayerAnalysis, LayerTask } from './layer-analysis.ts';
import type { LayerPool } from './layer-pool.ts';
import { readRange } from './read-range.ts';
import { isSkipped, type SkipRules } from './skip-rules.ts';

/** What reading an image's contents needs. */
export interface InventoryContext {
  readonly pool: LayerPool;
  /** Absent when the user wants no cache. */
  readonly cache?: ScanCache;
  readonly skip: SkipRules;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Stored bytes below which a layer is read on the main thread: starting a thread takes longer. */
const threadWorthy = 4 * 2 ** 20;

/**
 * Lists what is in an image.
 *
 * A layer that cannot be read costs its own packages: it becomes a problem that marks the inventory as incomplete, and
 * the other layers are still listed.
 */
export async function readImageInventory(image: Image, context: InventoryContext): Promise<Inventory> {
  const { cache, skip } = context;
  const diffIds = image.layers.map((layer) => layer.diffId);
  const variant = JSON.stringify(skip);
  const known = await cache?.inventory(diffIds, variant);
  if (known !== undefined) return withOrigins(known, image);
  const problems: Problem[] = [];
  const analyses = await analyzeLayers(image, context, problems);
  const indexes = analyses.map((analysis) =>
    analysis === undefined ? emptyIndex() : decodeLayerIndex(analysis.index),
  );
  const tree = buildFileTree(indexes);
  const readings = visibleReadings(image, analyses, tree);
  const dispatch = new Dispatch(catalogers);
  const hidden = findHiddenReadings(tree, dispatch, readings);
  readings.push(...(await readHidden(image, hidden, dispatch, context, problems)));
  const seen = readings.filter(({ path }) => !isSkipped(path, skip));
  const inventory = assembleInventory(seen, tree, problems);
  const complete = problems.every((problem) => problem.incomplete !== true);
  if (complete) await cache?.putInventory(diffIds, variant, inventory);
  return inventory;
}

/** A cached inventory names layers by DiffId; the blob digests are this source's own. */
function withOrigins(inventory: Inventory, image: Image): Inventory {
  const origins = new Map(image.layers.map((layer) => [layer.diffId, originOf(layer)]));
  return {
    ...inventory,
    packages: inventory.packages.map((found) => ({
      ...found,
      locations: found.locations.map(({ path, layer }) => {
        const origin = layer === undefined ? undefined : origins.get(layer.diffId);
        return origin === undefined ? { path } : { path, layer: origin };
      }),
    })),
  };
}

function originOf(layer: Layer): LayerOrigin {
  const digest = layer.descriptor?.digest;
  return digest === undefined ? { diffId: layer.diffId } : { diffId: layer.diffId, digest };
}

async function analyzeLayers(
  image: Image,
  context: InventoryContext,
  problems: Problem[],
): Promise<(LayerAnalysis | undefined)[]> {
  const { cache, pool, progress, signal } = context;
  const cached = await mapBounded(image.layers, 8, async (layer) => cache?.layer(layer.diffId));
  const missing = image.layers.map((layer, at) => ({ layer, at })).filter(({ at }) => cached[at] === undefined);
  const results: (LayerAnalysis | undefined)[] = [...cached];
  const readable = missing.filter(({ layer }) => {
    if (layer.absent !== undefined) problems.push(absentLayer(layer));
    return layer.absent === undefined;
  });
  if (readable.length > 0) {
    const total = readable.reduce((sum, { layer }) => sum + storedSize(layer), 0);
    const task = progress.start(`Reading ${readable.length} ${readable.length === 1 ? 'layer' : 'layers'}`, {
      total,
      unit: 'bytes',
    });
    pool.warm(readable.filter(({ layer }) => storedSize(layer) >= threadWorthy).length);
    try {
      // Largest first, so that no long one is left for the end; width is the pool's.
      const bySize = readable.toSorted((a, b) => storedSize(b.layer) - storedSize(a.layer));
      await mapBounded(bySize, 8, async ({ layer, at }) => {
        const analysis = await attempt(layer, signal, problems, () => readLayer(layer, context));
        task.advance(storedSize(layer));
        results[at] = analysis;
        if (analysis !== undefined) await cache?.putLayer(layer.diffId, analysis);
      });
    } finally {
      task.finish();
    }
  }
  for (const analysis of results) problems.push(...(analysis?.problems ?? []));
  return results;
}

function absentLayer(layer: Layer): Problem {
  const why =
    layer.absent === 'foreign'
      ? 'The layer is foreign (kept elsewhere by its publisher) and was not fetched; packages in it are not listed'
      : 'The layer is missing from the archive; packages in it are not listed; export the image again for this platform';
  const code = layer.absent === 'foreign' ? 'LAYER_FOREIGN' : 'LAYER_MISSING';
  return { code, subject: layer.diffId, message: why, ...(layer.absent === 'missing' ? { incomplete: true } : {}) };
}

async function attempt<Result>(
  layer: Layer,
  signal: AbortSignal,
  problems: Problem[],
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const code = isSeaworthyError(error) ? error.code : 'LAYER_UNREADABLE';
    const subject = layer.descriptor?.digest ?? layer.diffId;
    problems.push({ code, subject, message: `The layer was not read: ${errorMessage(error)}`, incomplete: true });
    return undefined;
  }
}

function readLayer(layer: Layer, context: InventoryContext): Promise<LayerAnalysis> {
  const task = taskOf(layer);
  if (storedSize(layer) < threadWorthy) {
    return analyzeLayer(bytesOf(layer, context.signal), task.expectation, new Dispatch(catalogers));
  }
  return context.pool.run(task, () => layer.open(context.signal)) as Promise<LayerAnalysis>;
}

function taskOf(layer: Layer): LayerTask {
  const { diffId, descriptor, range } = layer;
  const stored = descriptor === undefined ? {} : { digest: descriptor.digest, size: descriptor.size };
  return { expectation: { diffId, ...stored }, ...(range === undefined ? {} : { range }) };
}

function bytesOf(layer: Layer, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return layer.range === undefined ? layer.open(signal) : readRange(layer.range, signal);
}

function storedSize(layer: Layer): number {
  return layer.descriptor?.size ?? layer.range?.length ?? threadWorthy;
}

function emptyIndex(): LayerIndex {
  return new LayerIndexBuilder().build();
}

function visibleReadings(
  image: Image,
  analyses: readonly (LayerAnalysis | undefined)[],
  tree: FileTree,
): SeenReading[] {
  const seen: SeenReading[] = [];
  for (const [at, analysis] of analyses.entries()) {
    const layer = originOf(image.layers[at] as Layer);
    for (const reading of analysis?.readings ?? []) {
      if (tree.isVisible(at, reading.entry)) seen.push({ path: tree.pathOf(at, reading.entry), layer, reading });
    }
  }
  return seen;
}

async function readHidden(
  image: Image,
  hidden: readonly HiddenReading[],
  dispatch: Dispatch,
  { signal }: InventoryContext,
  problems: Problem[],
): Promise<SeenReading[]> {
  const seen: SeenReading[] = [];
  for (const [at, wanted] of Map.groupBy(hidden, ({ layer }) => layer)) {
    const layer = image.layers[at] as Layer;
    const readings = await attempt<FileReading[]>(layer, signal, problems, () =>
      readLayerEntries(bytesOf(layer, signal), taskOf(layer).expectation, dispatch, wanted),
    );
    for (const reading of readings ?? []) {
      const origin = wanted.find(({ entry, path }) => entry === reading.entry && path === reading.path);
      if (origin !== undefined) seen.push({ path: origin.realPath, layer: originOf(layer), reading });
    }
  }
  return seen;
}
