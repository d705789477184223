import { compareText } from '../../base/compare-text.ts';
import { mapBounded } from '../../base/concurrency.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import { secretNames } from '../../workload/pull-wishes.ts';
import { ClusterError } from '../error.ts';
import { type Controllers, keepController } from '../inventory/controllers.ts';
import { joinWorkloads } from '../inventory/join-workloads.ts';
import { platformOf, readNode } from '../inventory/node.ts';
import { labelsOf } from '../inventory/object-facts.ts';
import { beginPodTally, countPod } from '../inventory/pod-tally.ts';
import { isOfWorkloads, knownKinds, type ListedKind } from '../kinds.ts';
import { clusterLimits as limits } from '../limits.ts';
import type { ClusterInventory, ClusterNamespace, ClusterNode, Gap, KindCount } from '../model.ts';
import { meansKind, type Selection } from '../selection.ts';
import { isOfOneList } from './gap.ts';
import { type KindListing, listKind, type ListContext, type Reduction } from './list-kind.ts';
import { missingKinds } from './missing-kinds.ts';

/** What a cluster is listed with. */
export interface ClusterListing {
  readonly client: Pick<KubernetesClient, 'list' | 'version' | 'discover'>;
  /** The cluster's name, for whoever reads what is told of it. */
  readonly cluster: string;
  readonly selection: Selection;
  readonly now: () => Date;
  /** Hears of objects that came: how many. */
  readonly observe?: (objects: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Lists what a cluster runs. Each kind is listed once, in pages, and what owns Pods after the Pods, so that whatever made a Pod is there
 * when owners are listed. What may not be listed is told as a gap, and the rest is listed.
 *
 * @throws ClusterError NOTHING_LISTED where nothing that runs could be listed, LIMIT_EXCEEDED; KubernetesError where the cluster cannot
 * be asked at all; the signal's reason
 */
export async function listCluster(listing: ClusterListing): Promise<ClusterInventory> {
  const { client, selection, signal, cluster, now, observe } = listing;
  const listedAt = now().toISOString();
  const gaps: Gap[] = [];
  const context = (known?: readonly string[]): ListContext => ({ client, selection, known, observe, signal });
  const list = async <Held>(kind: ListedKind, reduction: Reduction<Held>, known?: readonly string[]) => {
    if (!selection.kinds.includes(kind)) return { held: [], gaps: [] } satisfies KindListing<Held>;
    const listed = await listKind(kind, reduction, context(known));
    gaps.push(...listed.gaps);
    return listed;
  };

  const [version, namespaces, nodesListed] = await Promise.all([
    versionOf(client, signal, gaps),
    list(knownKinds.namespaces, gathering<ClusterNamespace>(namespaceOf)),
    list(knownKinds.nodes, gathering<ClusterNode>(readNode)),
  ]);
  const all = namespaces.held[0];
  const known = all?.map(({ name }) => name);
  gaps.push(...missingNamespaces(selection, known));
  const nodes = nodesListed.held.flat();
  const platforms = new Map(nodes.map((node) => [node.name, platformOf(node)]));

  const pods = await list(
    knownKinds.pods,
    { begin: beginPodTally, take: (tally, pod) => countPod(tally, pod, (node) => platforms.get(node)) },
    known,
  );
  const controllers: Controllers = new Map();
  for (const use of ['links', 'controllers'] as const) {
    await mapBounded(
      selection.kinds.filter((kind) => kind.use === use),
      limits.width,
      async (kind) => {
        const begin = (): Controllers => new Map();
        const take = (held: Controllers, object: KubernetesObject): void => keepController(held, kind, object);
        for (const held of (await list(kind, { begin, take }, known)).held) {
          for (const [key, value] of held) controllers.set(key, value);
        }
      },
    );
  }
  const accounts = await list(knownKinds.serviceAccounts, secretsOfAccounts, known);
  const counts = await mapBounded(
    selection.kinds.filter((kind) => kind.use === 'counted'),
    limits.width,
    async (kind) => ({ kind, tallies: (await list(kind, countOfNamespaces, known)).held }),
  );
  requireSomething(selection, gaps);
  const workloads = joinWorkloads(
    { pods: pods.held, controllers, accountSecrets: new Map(accounts.held.flatMap((held) => [...held])) },
    selection,
  );
  const unseen = selection.unknownKinds.filter((word) => !workloads.some((each) => meansKind(word, each)));
  gaps.push(...(await missingKinds(unseen, client, signal)));
  return {
    cluster,
    ...(version === undefined ? {} : { version }),
    listedAt,
    nodes: nodes.sort(byName),
    namespaces: (all ?? []).filter(({ name }) => selection.hasNamespace(name)).sort(byName),
    workloads,
    counts: counts.flatMap(({ kind, tallies }) => (tallies.length === 0 ? [] : [countOf(kind, tallies)])),
    gaps: gaps.sort((a, b) => compareText(placeOf(a), placeOf(b))),
  };
}

/** Anybody may ask for it (Kubernetes, "Default roles", `system:public-info-viewer`), unless the cluster's owner thinks otherwise. */
async function versionOf(
  client: ClusterListing['client'],
  signal: AbortSignal,
  gaps: Gap[],
): Promise<string | undefined> {
  try {
    const { gitVersion } = await client.version(signal);
    return gitVersion === '' ? undefined : gitVersion;
  } catch (error) {
    if (!isOfOneList(error)) throw error;
    const reason = error.code === 'FORBIDDEN' ? 'forbidden' : 'failed';
    gaps.push({ group: '', resource: 'version', kind: 'Version', reason, loses: 'details', message: error.message });
    return undefined;
  }
}

/** Whoever names a namespace that is not there would take an empty answer for a good one. */
function missingNamespaces({ named = [] }: Selection, known: readonly string[] | undefined): readonly Gap[] {
  if (known === undefined) return [];
  const { group, resource, kind } = knownKinds.namespaces;
  return named
    .filter((name) => !known.includes(name))
    .map((namespace) => ({
      group,
      resource,
      kind,
      namespace,
      reason: 'absent',
      loses: 'workloads',
      message: `There is no namespace ${namespace}; check its name`,
    }));
}

function requireSomething({ kinds }: Selection, gaps: readonly Gap[]): void {
  const wanted = kinds.filter(isOfWorkloads);
  const lost = gaps.filter(({ namespace }) => namespace === undefined);
  const isLost = (kind: ListedKind): boolean =>
    lost.some(({ group, resource }) => group === kind.group && resource === kind.resource);
  const first = lost.find((gap) =>
    wanted.some(({ group, resource }) => gap.group === group && gap.resource === resource),
  );
  if (first === undefined || !wanted.every(isLost)) return;
  const sentence = `Nothing that runs could be listed (${first.message.replace(/\.$/, '')}); grant what "seaworthy k8s --show-rbac" prints, or name a namespace with --include-namespaces`;
  throw new ClusterError('NOTHING_LISTED', sentence);
}

/** Keeps something of each object. */
function gathering<Kept>(keep: (object: KubernetesObject) => Kept): Reduction<Kept[]> {
  return { begin: () => [], take: (held, object) => void held.push(keep(object)) };
}

function namespaceOf(object: KubernetesObject): ClusterNamespace {
  return { name: object.metadata.name, labels: labelsOf(object) };
}

/** By `namespace/name`; of those that have any. */
const secretsOfAccounts: Reduction<Map<string, readonly string[]>> = {
  begin: () => new Map(),
  take(held, account) {
    const names = secretNames((account['imagePullSecrets'] ?? null) as JsonValue);
    const { namespace = '', name } = account.metadata;
    if (names.length > 0) held.set(`${namespace}/${name}`, names.slice(0, limits.pullSecrets));
  },
};

const countOfNamespaces: Reduction<Map<string, number>> = {
  begin: () => new Map(),
  take(held, { metadata: { namespace = '' } }) {
    held.set(namespace, (held.get(namespace) ?? 0) + 1);
  },
};

function countOf({ group, kind }: ListedKind, tallies: readonly ReadonlyMap<string, number>[]): KindCount {
  const all = tallies.flatMap((tally) => [...tally]).map(([namespace, count]) => ({ namespace, count }));
  return {
    group,
    kind,
    total: all.reduce((sum, { count }) => sum + count, 0),
    namespaces: all.filter(({ namespace }) => namespace !== '').sort((a, b) => compareText(a.namespace, b.namespace)),
  };
}

function placeOf({ group, resource, namespace = '' }: Gap): string {
  return `${group}/${resource}/${namespace}`;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name);
}
