import { mapBounded } from '../../base/concurrency.ts';
import type { Problem } from '../../base/problem.ts';
import type { Layer } from '../../oci/image.ts';
import { expectationOf } from '../layer-source.ts';
import { attempt, type LayerContext } from '../read-layers.ts';
import type { FoundTable } from './find-tables.ts';
import { tableUnreadable } from './problems.ts';
import { type Promises, readPromises } from './promise.ts';

/** Layers under way at once: each may hold a table, which is large. */
const width = 2;

/**
 * Checks that the tables of contents, by which some runtimes unpack layers, say the same as the tars, which are what a scan reads. Layers
 * without such tables cost nothing; others are read twice more, unless the cache knows them.
 *
 * @param layers those that could be read
 * @returns what is wrong, in the order of the layers
 * @throws the signal's reason
 */
export async function checkLayerTables(layers: readonly Layer[], context: LayerContext): Promise<Problem[]> {
  const promised = layers
    .map((layer) => ({ layer, promises: readPromises(layer.descriptor?.annotations ?? {}) }))
    .filter(({ promises }) => promises.kept.length + promises.broken.length > 0);
  if (promised.length === 0) return [];
  const problems = await mapBounded(promised, width, ({ layer, promises }) => checkLayer(layer, promises, context));
  void context.runner.endIdle();
  return problems.flat();
}

async function checkLayer(
  layer: Layer,
  { kept, broken }: Promises,
  context: LayerContext,
): Promise<readonly Problem[]> {
  const subject = layer.descriptor?.digest ?? layer.diffId;
  const unreadable = broken.map(({ format, why }) => tableUnreadable(subject, format, why));
  if (kept.length === 0) return unreadable;
  const known = await context.cache?.tables(layer);
  if (known !== undefined) return [...unreadable, ...known];
  const { runner, signal } = context;
  const { result, problems } = await attempt(layer, context, async () => {
    const expectation = expectationOf(layer);
    // As all layers are read: a small one may have a table that takes long.
    const found = (await runner.run({ expectation, find: kept }, layer, signal)) as readonly FoundTable[];
    const lacking = found.flatMap((table) =>
      'why' in table ? [tableUnreadable(subject, table.format, table.why)] : [],
    );
    const compare = found.filter((table) => 'json' in table);
    if (compare.length === 0) return lacking;
    return [...lacking, ...((await runner.run({ expectation, compare }, layer, signal)) as readonly Problem[])];
  });
  if (result === undefined) return [...unreadable, ...problems];
  await context.cache?.putTables(layer, result);
  return [...unreadable, ...result];
}
