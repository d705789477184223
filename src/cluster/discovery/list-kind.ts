import { oneAhead } from '../../base/one-ahead.ts';
import { mapBounded } from '../../base/concurrency.ts';
import type { KubernetesClient, ListOptions } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { ListedKind } from '../kinds.ts';
import { clusterLimits as limits } from '../limits.ts';
import type { Gap } from '../model.ts';
import type { Selection } from '../selection.ts';
import { gapOf, isOfOneList } from './gap.ts';

/** What is made of a list while it comes, so that no object is kept whole. */
export interface Reduction<Held> {
  /** What is held before the first object; made anew where the list begins anew. */
  readonly begin: () => Held;
  readonly take: (held: Held, object: KubernetesObject) => void;
}

/** What kinds are listed with. */
export interface ListContext {
  readonly client: Pick<KubernetesClient, 'list'>;
  readonly selection: Selection;
  /** Namespaces that the cluster has; undefined where that is not known. */
  readonly known: readonly string[] | undefined;
  /** Hears of objects that came: how many. */
  readonly observe?: ((objects: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** What came of listing a kind. */
export interface KindListing<Held> {
  /** Of each list that came whole: of the cluster, or of namespaces. */
  readonly held: readonly Held[];
  readonly gaps: readonly Gap[];
}

/**
 * Lists a kind once, in pages: the whole cluster, or the namespaces that were asked for where they are few, or where no more may be
 * listed. A list that does not come whole is a gap, and nothing of it is held.
 *
 * @throws KubernetesError where the cluster cannot be asked at all; the signal's reason; what `take` throws
 */
export async function listKind<Held>(
  kind: ListedKind,
  reduction: Reduction<Held>,
  context: ListContext,
): Promise<KindListing<Held>> {
  const { selection, known } = context;
  const { named } = selection;
  if (!kind.namespaced) return await listIn([undefined], kind, reduction, context);
  if (named !== undefined && named.length <= limits.namespaceLists) {
    return await listIn(named, kind, reduction, context);
  }
  try {
    return { held: [await listWhole(kind, {}, reduction, context)], gaps: [] };
  } catch (error) {
    if (!isOfOneList(error)) throw error;
    const others = named ?? (selection.hasPatterns ? known?.filter((name) => selection.hasNamespace(name)) : undefined);
    if (!isKubernetesError(error, 'FORBIDDEN') || others === undefined || others.length > limits.permittedNamespaces) {
      return { held: [], gaps: [gapOf(kind, error, selection)] };
    }
    return await listIn(others, kind, reduction, context);
  }
}

async function listIn<Held>(
  namespaces: readonly (string | undefined)[],
  kind: ListedKind,
  reduction: Reduction<Held>,
  context: ListContext,
): Promise<KindListing<Held>> {
  const held: Held[] = [];
  const gaps: Gap[] = [];
  await mapBounded(namespaces, limits.width, async (namespace) => {
    try {
      held.push(await listWhole(kind, namespace === undefined ? {} : { namespace }, reduction, context));
    } catch (error) {
      if (!isOfOneList(error)) throw error;
      gaps.push(gapOf(kind, error, context.selection, namespace));
    }
  });
  return { held, gaps };
}

async function listWhole<Held>(
  kind: ListedKind,
  where: Pick<ListOptions, 'namespace'>,
  { begin, take }: Reduction<Held>,
  { client, selection, signal, observe }: ListContext,
): Promise<Held> {
  let held = begin();
  // Of what is only counted, nobody needs to see what it holds.
  const options = { ...where, signal, ...(kind.use === 'counted' ? { metadataOnly: true } : {}) };
  for await (const { objects, restarted } of oneAhead(client.list(kind, options))) {
    signal.throwIfAborted();
    if (restarted) held = begin();
    observe?.(objects.length);
    for (const object of objects) {
      const { namespace } = object.metadata;
      if (!kind.namespaced || selection.hasNamespace(namespace ?? '')) take(held, object);
    }
  }
  return held;
}
