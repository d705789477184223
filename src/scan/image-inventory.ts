import { assembleInventory, type SeenReading } from '../catalog/assemble.ts';
import type { Problem } from '../base/problem.ts';
import { isPause, paceSteps, type Steps } from '../base/steps.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { catalogers } from '../catalog/list.ts';
import type { Image, Layer } from '../oci/image.ts';
import type { KeptLayer } from './cache/scan-cache.ts';
import type { Inventory } from '../package/inventory.ts';
import type { LayerOrigin } from '../package/location.ts';
import { FileTree } from '../rootfs/file-tree.ts';
import { decodeLayerIndexInSteps } from '../rootfs/layer-index.ts';
import { LayerIndexBuilder } from '../rootfs/layer-index-builder.ts';
import { ImageBudget } from './image-budget.ts';
import { findHiddenReadings, type HiddenReading } from './hidden-readings.ts';
import type { LayerAnalysis } from './layer-analysis.ts';
import { readEntriesOf, readLayers, type LayerContext, type LayerOutcome } from './read-layers.ts';
import { compileSkipRules, type SkipRules } from './skip-rules.ts';
import { checkLayerTables } from './table/check-layer-tables.ts';
import { promisesStargz, readingAnnotations } from './table/promise.ts';
import { unreadFormats } from './table/unread-format.ts';

/** What reading an image's contents needs. */
export interface InventoryContext extends LayerContext {
  readonly skip: SkipRules;
}

/**
 * Lists what is in an image.
 *
 * A layer that cannot be read costs its own packages: it becomes a problem that marks the inventory as incomplete, and
 * the other layers are still listed.
 *
 * @param budget what may be kept of all layers together
 * @throws the signal's reason
 */
export async function readImageInventory(
  image: Image,
  context: InventoryContext,
  budget: ImageBudget = new ImageBudget(),
): Promise<Inventory> {
  const { cache, signal } = context;
  const known = await recallInventory(image, context);
  if (known !== undefined) return known;
  const outcomes = await readLayers(image, context, budget);
  const read = image.layers.filter((_, at) => outcomes[at]?.result !== undefined);
  const asides = [...unreadFormats(image), ...(await checkLayerTables(read, context))];
  const tree = await paceSteps(joinLayers(outcomes), signal);
  const visible = await paceSteps(visibleReadings(image, outcomes, tree), signal);
  const hidden = await paceSteps(findHiddenReadings(tree, new Dispatch(catalogers), visible, image.name), signal);
  const followed = await readHidden(image, hidden.readings, context, budget);
  const skip = compileSkipRules(context.skip);
  const seen = [...visible, ...followed.seen].filter(({ path }) => !skip.file(path));
  const told = outcomes.flatMap((outcome) => outcome.problems).filter((problem) => !isTable(problem, read, asides));
  const problems = [...told, ...asides, ...hidden.problems, ...followed.problems];
  const inventory = await paceSteps(assembleInventory(seen, tree, problems), signal);
  // Another source may have a layer that this one lacks.
  const isWhole = outcomes.every(({ result }) => result !== undefined);
  if (isWhole && problems.every((problem) => problem.incomplete !== true)) {
    await cache?.putInventory(image.layers, variantOf(image, context), inventory);
  }
  return inventory;
}

/** What an image is known by: its layers, and the annotations of its manifest. */
export interface KeptImage extends Pick<Image, 'annotations'> {
  readonly layers: readonly KeptLayer[];
}

/** What the cache has of an image as a whole; undefined when it must be read. */
export async function recallInventory(
  image: KeptImage,
  context: Pick<InventoryContext, 'cache' | 'skip'>,
): Promise<Inventory | undefined> {
  return await context.cache?.inventory(image.layers, variantOf(image, context));
}

function variantOf({ annotations }: Pick<KeptImage, 'annotations'>, { skip }: Pick<InventoryContext, 'skip'>): string {
  const reading = readingAnnotations(annotations);
  return JSON.stringify(reading === undefined ? skip : { ...skip, annotations: reading });
}

function originOf(layer: Layer): LayerOrigin {
  const digest = layer.descriptor?.digest;
  return digest === undefined ? { diffId: layer.diffId } : { diffId: layer.diffId, digest };
}

/** BuildKit writes a table of eStargz behind the end of the tar. One that was read, and says the same as the tar, hides nothing. */
function isTable({ code, subject }: Problem, read: readonly Layer[], asides: readonly Problem[]): boolean {
  if (code !== 'TRAILING_DATA') return false;
  const layers = read.filter(({ diffId }) => diffId === subject);
  return layers.every(
    ({ descriptor }) => promisesStargz(descriptor) && !asides.some((aside) => aside.subject === descriptor?.digest),
  );
}

/** A layer that was not read brings nothing. */
function* joinLayers(outcomes: readonly LayerOutcome<LayerAnalysis>[]): Steps<FileTree> {
  const tree = new FileTree();
  for (const { result } of outcomes) {
    const none = new LayerIndexBuilder().build();
    yield* tree.applyInSteps(result === undefined ? none : yield* decodeLayerIndexInSteps(result.index));
  }
  return tree;
}

function* visibleReadings(
  image: Image,
  outcomes: readonly LayerOutcome<LayerAnalysis>[],
  tree: FileTree,
): Steps<SeenReading[]> {
  const seen: SeenReading[] = [];
  for (const [at, { result }] of outcomes.entries()) {
    const layer = originOf(image.layers[at] as Layer);
    for (const [round, reading] of (result?.readings ?? []).entries()) {
      if (isPause(round)) yield;
      if (tree.isVisible(at, reading.entry)) seen.push({ path: tree.pathOf(at, reading.entry), layer, reading });
    }
  }
  return seen;
}

async function readHidden(
  image: Image,
  hidden: readonly HiddenReading[],
  context: InventoryContext,
  budget: ImageBudget,
): Promise<{ readonly seen: readonly SeenReading[]; readonly problems: readonly Problem[] }> {
  const seen: SeenReading[] = [];
  const problems: (readonly Problem[])[] = [];
  for (const [at, wanted] of Map.groupBy(hidden, ({ layer }) => layer)) {
    const layer = image.layers[at] as Layer;
    const outcome = await readEntriesOf(layer, wanted, context);
    problems.push(outcome.problems);
    const refusal = budget.refuse(layer, { readings: outcome.result ?? [] });
    if (refusal !== undefined) {
      problems.push([refusal]);
      continue;
    }
    const places = new Map(wanted.map(({ entry, path, realPath }) => [`${entry}\0${path}`, realPath]));
    for (const reading of outcome.result ?? []) {
      const path = places.get(`${reading.entry}\0${reading.path}`);
      if (path !== undefined) seen.push({ path, layer: originOf(layer), reading });
    }
  }
  return { seen, problems: problems.flat() };
}
