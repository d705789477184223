import { clusterLimits as limits } from '../limits.ts';
import type { ObjectName, RunningDigest, Workload, WorkloadImage } from '../model.ts';
import type { Selection } from '../selection.ts';
import type { ControllerFacts, Controllers, ListedController } from './controllers.ts';
import { type Controller, identityOf } from './object-facts.ts';
import type { NamedImage } from './pod-images.ts';
import type { ImageTally, OwnedPods, PodTally } from './pod-tally.ts';

/** What was listed of what runs. */
export interface ListedWorkloads {
  readonly pods: readonly PodTally[];
  readonly controllers: Controllers;
  /** Pull secrets of service accounts, by `namespace/name`. */
  readonly accountSecrets: ReadonlyMap<string, readonly string[]>;
}

/** A workload that is being put together. */
interface Draft {
  readonly namespace: string;
  readonly name: Controller;
  readonly listed: ListedController | undefined;
  readonly templates: ControllerFacts[];
  readonly pods: OwnedPods[];
}

/** Puts Pods to what makes them run; see {@link Workload}. In the order of namespaces, kinds and names. */
export function joinWorkloads(listed: ListedWorkloads, selection: Selection): readonly Workload[] {
  const { controllers, accountSecrets } = listed;
  const drafts = new Map<string, Draft>();
  const draftOf = (namespace: string, name: Controller): Draft => {
    const key = identityOf(namespace, name);
    const known = drafts.get(key);
    if (known !== undefined) return known;
    const made: Draft = { namespace, name, listed: controllers.get(key), templates: [], pods: [] };
    drafts.set(key, made);
    return made;
  };
  for (const each of controllers.values()) {
    const top = topOf(each.namespace, each.name, controllers);
    const isTop = top === each.name;
    // What is made for another says what runs where that other was not listed.
    if (!isTop && controllers.has(identityOf(each.namespace, top))) continue;
    if (each.facts !== undefined) draftOf(each.namespace, top).templates.push(each.facts);
  }
  for (const tally of listed.pods) {
    for (const owned of tally.owned.values()) {
      draftOf(owned.namespace, topOf(owned.namespace, owned.owner, controllers)).pods.push(owned);
    }
  }
  const workloads: Workload[] = [];
  for (const draft of drafts.values()) {
    const workload = workloadOf(draft, accountSecrets);
    const isWanted = selection.hasKind(workload) && !(selection.excludeOwned && workload.owner !== undefined);
    if (isWanted) workloads.push(workload);
  }
  return workloads.sort(compareWorkloads);
}

/** The controller at the end of what is made for another; the last that is known of, where a list is missing. */
function topOf(namespace: string, name: Controller, controllers: Controllers): Controller {
  let top = name;
  for (let steps = 0; steps < limits.owners; steps += 1) {
    const listed = controllers.get(identityOf(namespace, top));
    if (listed === undefined) return top;
    top = listed.name;
    if (!listed.isLink || listed.owner === undefined) return top;
    top = listed.owner;
  }
  // They go in a circle, or somebody wants them to.
  return name;
}

function workloadOf(draft: Draft, accountSecrets: ListedWorkloads['accountSecrets']): Workload {
  const { namespace, name, listed, templates, pods } = draft;
  const self = pods.find((owned) => owned.self !== undefined)?.self;
  const facts = listed?.facts;
  const created = facts?.created ?? self?.created;
  const owner = listed?.owner;
  const serviceAccount =
    templates[0]?.serviceAccount ?? pods.find((owned) => owned.serviceAccount !== undefined)?.serviceAccount ?? '';
  const secrets = [
    ...templates.flatMap(({ pullSecrets }) => pullSecrets),
    ...pods.flatMap(({ pullSecrets }) => [...pullSecrets].sort()),
    ...(accountSecrets.get(`${namespace}/${serviceAccount}`) ?? []),
  ];
  const unreadable = [...templates, ...pods].flatMap((each) => [...each.unreadable]);
  return {
    group: name.group,
    kind: name.kind,
    name: name.name,
    namespace,
    uid: name.uid,
    labels: facts?.labels ?? self?.labels ?? {},
    ...(created === undefined ? {} : { created }),
    ...(owner === undefined ? {} : { owner: nameOf(owner) }),
    ...(facts?.replicas === undefined ? {} : { replicas: facts.replicas }),
    pods: pods.reduce((sum, owned) => sum + owned.pods, 0),
    serviceAccount,
    pullSecrets: [...new Set(secrets)].slice(0, limits.pullSecrets),
    images: imagesOf(draft, self !== undefined),
    unreadable: [...new Set(unreadable)].sort().slice(0, limits.images),
  };
}

function nameOf({ group, kind, name }: Controller): ObjectName {
  return { group, kind, name };
}

interface DraftImage extends NamedImage {
  readonly inTemplate: boolean;
  readonly tallies: ImageTally[];
}

/** @param isPod the workload is a Pod, whose images are all its own */
function imagesOf({ templates, pods }: Draft, isPod: boolean): readonly WorkloadImage[] {
  const images = new Map<string, DraftImage>();
  for (const { images: named } of templates) {
    for (const { kind, container, image } of named) {
      images.set(keyOf(kind, container, image), { kind, container, image, inTemplate: true, tallies: [] });
    }
  }
  for (const owned of pods) {
    for (const tally of owned.images.values()) {
      const { kind, container, image } = tally;
      const at = image.lastIndexOf('@');
      // A webhook may have put the digest behind the name.
      const pinned = at < 0 ? undefined : images.get(keyOf(kind, container, image.slice(0, at)));
      const known = images.get(keyOf(kind, container, image)) ?? (pinned?.inTemplate === true ? pinned : undefined);
      if (known !== undefined) known.tallies.push(tally);
      else {
        const inTemplate = isPod && kind !== 'ephemeral';
        images.set(keyOf(kind, container, image), { kind, container, image, inTemplate, tallies: [tally] });
      }
    }
  }
  return [...images.values()].map(imageOf).sort(compareImages);
}

function imageOf({ kind, container, image, inTemplate, tallies }: DraftImage): WorkloadImage {
  const digests = new Map<RunningDigest['digest'], { pods: number; platforms: Map<string, number> }>();
  for (const tally of tallies) {
    for (const [digest, of] of tally.digests) {
      const sum = digests.get(digest) ?? { pods: 0, platforms: new Map<string, number>() };
      sum.pods += of.pods;
      for (const [platform, count] of of.platforms) {
        sum.platforms.set(platform, (sum.platforms.get(platform) ?? 0) + count);
      }
      digests.set(digest, sum);
    }
  }
  const running = [...digests].map(([digest, { pods, platforms }]) => ({
    digest,
    pods,
    platforms: [...platforms]
      .map(([platform, count]) => ({ platform, pods: count }))
      .sort((a, b) => compare(a.platform, b.platform)),
  }));
  return {
    kind,
    container,
    image,
    inTemplate,
    running: running.sort((a, b) => compare(a.digest, b.digest)),
    undigested: tallies.reduce((sum, tally) => sum + tally.undigested, 0),
  };
}

function keyOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

const kindOrder: readonly WorkloadImage['kind'][] = ['init', 'sidecar', 'container', 'ephemeral', 'volume'];

function compareImages(a: WorkloadImage, b: WorkloadImage): number {
  return (
    kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) ||
    compare(a.container, b.container) ||
    compare(a.image, b.image)
  );
}

function compareWorkloads(a: Workload, b: Workload): number {
  return (
    compare(a.namespace, b.namespace) ||
    compare(a.kind, b.kind) ||
    compare(a.name, b.name) ||
    compare(a.group, b.group) ||
    compare(a.uid, b.uid)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
