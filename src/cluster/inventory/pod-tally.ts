import type { KubernetesObject } from '../../kubernetes/model.ts';
import { type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import type { Digest } from '../../oci/digest.ts';
import { pullWishesOf } from '../../workload/pull-wishes.ts';
import { ClusterError } from '../error.ts';
import { clusterLimits as limits } from '../limits.ts';
import type { Labels } from '../model.ts';
import { type Controller, controllerOf, identityOf, labelsOf, textOf } from './object-facts.ts';
import { type NamedImage, podDigests, readPodImages } from './pod-images.ts';

/** The Pods of one controller, or one Pod that nobody controls, summed up. */
export interface OwnedPods {
  readonly namespace: string;
  /** The Pod itself where nobody controls it. */
  readonly owner: Controller;
  /** Of a Pod that nobody controls. */
  readonly self: { readonly labels: Labels; readonly created: string | undefined } | undefined;
  /** But for those that ended. */
  pods: number;
  readonly images: Map<string, ImageTally>;
  readonly pullSecrets: Set<string>;
  serviceAccount: string | undefined;
  readonly unreadable: Set<string>;
}

/** How many Pods of a controller have an image, and by which digests. */
export interface ImageTally extends NamedImage {
  readonly digests: Map<Digest, DigestTally>;
  undigested: number;
}

/** How many Pods have a digest, and on which platforms. */
export interface DigestTally {
  pods: number;
  readonly platforms: Map<string, number>;
}

/** All Pods, summed up by who controls them. Texts that many have are held once. */
export interface PodTally {
  readonly owned: Map<string, OwnedPods>;
  readonly texts: Map<string, string>;
}

/** What no Pod was counted in yet. */
export function beginPodTally(): PodTally {
  return { owned: new Map(), texts: new Map() };
}

/**
 * Counts a Pod. One that ended runs nothing; where nobody controls it, it is a workload all the same.
 *
 * @param platformOfNode by a node's name
 * @throws ClusterError LIMIT_EXCEEDED
 */
export function countPod(
  tally: PodTally,
  pod: KubernetesObject,
  platformOfNode: (node: string) => string | undefined,
): void {
  const { namespace = '', name, uid = '', creationTimestamp } = pod.metadata;
  const value = pod as unknown as JsonValue;
  const spec = memberOf(value, 'spec');
  const controller = controllerOf(pod);
  const hasEnded = /^(?:Succeeded|Failed)$/.test(textOf(memberOf(memberOf(value, 'status'), 'phase')) ?? '');
  if (hasEnded && controller !== undefined) return;
  const owner = controller ?? { group: '', kind: 'Pod', name, uid };
  const self = controller === undefined ? { labels: labelsOf(pod), created: creationTimestamp } : undefined;
  const owned = ownedPods(tally, namespace, owner, self);
  if (!hasEnded) owned.pods += 1;
  const { secrets, serviceAccount } = pullWishesOf(spec);
  owned.serviceAccount ??= serviceAccount;
  for (const secret of secrets) if (owned.pullSecrets.size < limits.pullSecrets) owned.pullSecrets.add(secret);
  const { images, unreadable } = readPodImages(spec);
  for (const sentence of unreadable) if (owned.unreadable.size < limits.images) owned.unreadable.add(sentence);
  const node = textOf(memberOf(spec, 'nodeName'));
  const platform = (node === undefined ? undefined : platformOfNode(node)) ?? platformOfSelector(spec);
  const digestOf = podDigests(value);
  for (const image of images) {
    const counted = imageTally(tally, owned, image);
    if (counted === undefined || hasEnded) continue;
    const digest = digestOf(image);
    if (digest === undefined) counted.undigested += 1;
    else countDigest(counted, textIn(tally, digest) as Digest, platform);
  }
}

function ownedPods(tally: PodTally, namespace: string, owner: Controller, self: OwnedPods['self']): OwnedPods {
  const key = identityOf(namespace, owner);
  const known = tally.owned.get(key);
  if (known !== undefined) return known;
  if (tally.owned.size >= limits.objects) throw tooMany();
  const made: OwnedPods = {
    namespace: textIn(tally, namespace),
    owner,
    self,
    pods: 0,
    images: new Map(),
    pullSecrets: new Set(),
    serviceAccount: undefined,
    unreadable: new Set(),
  };
  tally.owned.set(key, made);
  return made;
}

function imageTally(tally: PodTally, owned: OwnedPods, { kind, container, image }: NamedImage): ImageTally | undefined {
  const key = JSON.stringify([kind, container, image]);
  const known = owned.images.get(key);
  if (known !== undefined) return known;
  if (owned.images.size >= limits.images) {
    owned.unreadable.add(`its Pods have more than ${limits.images} images; the others are not looked at`);
    return undefined;
  }
  const made = {
    kind,
    container: textIn(tally, container),
    image: textIn(tally, image),
    digests: new Map(),
    undigested: 0,
  };
  owned.images.set(key, made);
  return made;
}

function countDigest(counted: ImageTally, digest: Digest, platform: string | undefined): void {
  let of = counted.digests.get(digest);
  if (of === undefined && counted.digests.size >= limits.digests) counted.undigested += 1;
  else {
    if (of === undefined) counted.digests.set(digest, (of = { pods: 0, platforms: new Map() }));
    of.pods += 1;
    if (platform !== undefined) of.platforms.set(platform, (of.platforms.get(platform) ?? 0) + 1);
  }
}

/** Where a Pod wants to be, for nodes that are not known (Kubernetes, "Well-Known Labels"). */
function platformOfSelector(spec: JsonValue): string | undefined {
  const selector = memberOf(spec, 'nodeSelector');
  const architecture = textOf(memberOf(selector, 'kubernetes.io/arch'));
  return architecture === undefined
    ? undefined
    : `${textOf(memberOf(selector, 'kubernetes.io/os')) ?? 'linux'}/${architecture}`;
}

function textIn({ texts }: PodTally, text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, text);
  return text;
}

function tooMany(): ClusterError {
  return new ClusterError(
    'LIMIT_EXCEEDED',
    `The cluster has Pods of more than ${limits.objects} controllers; name some of its namespaces with --include-namespaces`,
  );
}
