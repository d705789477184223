import { compareText } from '../../../base/compare-text.ts';
import { parseReference, type Reference } from '../../../oci/reference.ts';
import { operatorLimits as limits } from '../limits.ts';
import { type ImagePlace, imageKey, type ReportOwner, type ReportTarget, type RunningImage } from '../model.ts';
import { reportName } from '../report/report-name.ts';
import type { PodFacts, RunningContainer } from './pod-facts.ts';
import type { JobOwners, NodePlatforms, RunningPods } from './running-pods.ts';

/** What is known of what runs. */
export interface KnownWorkloads {
  readonly pods: Pick<RunningPods, 'values'>;
  readonly jobs: Pick<JobOwners, 'get'>;
  readonly nodes: Pick<NodePlatforms, 'get'>;
  /** Whether there are to be reports in a namespace. */
  readonly hasNamespace: (namespace: string) => boolean;
}

/** What there is to be reported, and the images of that. */
export interface WantedReports {
  /** By `namespace/name` of their reports. */
  readonly targets: ReadonlyMap<string, ReportTarget>;
  /** By their keys. */
  readonly images: ReadonlyMap<string, RunningImage>;
}

/** Where nodes do not tell what they are. */
const usualPlatform = 'linux/amd64';

interface Candidate {
  readonly pod: PodFacts;
  readonly owner: ReportOwner;
  readonly running: RunningContainer;
  readonly platform: string;
  pods: number;
  newest: string;
}

/**
 * What there is to be reported of what runs: one report for each container of what owns Pods. Where its Pods have several digests, as
 * during a rollout, it is about that of the most, and of as many about the newest.
 */
export function reportTargets({ pods, jobs, nodes, hasNamespace }: KnownWorkloads): WantedReports {
  const candidates = new Map<string, Map<string, Candidate>>();
  for (const pod of pods.values()) {
    const isJob = pod.owner.kind === 'Job';
    // What a Job ran is what it is about when it is done, too.
    if ((pod.hasEnded && !isJob) || !hasNamespace(pod.namespace)) continue;
    const owner = (isJob ? jobs.get(`${pod.namespace}/${pod.owner.name}`) : undefined) ?? pod.owner;
    const platform = nodes.get(`/${pod.node}`) ?? usualPlatform;
    for (const running of pod.form.containers) {
      const key = `${pod.namespace}/${reportName(owner.kind, owner.name, running.container)}`;
      let rivals = candidates.get(key);
      if (rivals === undefined) candidates.set(key, (rivals = new Map<string, Candidate>()));
      const rival = `${running.image} ${imageKey(running.digest, platform)} ${owner.uid}`;
      const known = rivals.get(rival);
      if (known === undefined) rivals.set(rival, { pod, owner, running, platform, pods: 1, newest: pod.created });
      else {
        known.pods += 1;
        if (pod.created > known.newest) known.newest = pod.created;
      }
    }
  }
  const targets = new Map<string, ReportTarget>();
  const images = new Map<string, Writable>();
  for (const [key, rivals] of candidates) {
    const [chosen] = [...rivals.values()].sort(compareCandidates);
    const reference = chosen === undefined ? undefined : readReference(chosen.running.image);
    // Kubelets pull nothing by a name that is none.
    if (chosen === undefined || reference === undefined) continue;
    const { pod, owner, running, platform } = chosen;
    const { digest, container } = running;
    const image = imageKey(digest, platform);
    const name = key.slice(pod.namespace.length + 1);
    const { namespace, form } = pod;
    targets.set(key, { namespace, name, owner, container, reference, image, digest, specHash: form.specHash });
    let entry = images.get(image);
    if (entry === undefined) images.set(image, (entry = { key: image, digest, platform, places: [] }));
    addPlace(entry.places, placeOf(pod, reference));
  }
  return { targets, images };
}

interface Writable extends RunningImage {
  readonly places: ImagePlace[];
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    b.pods - a.pods ||
    compareText(b.newest, a.newest) ||
    compareText(a.running.digest, b.running.digest) ||
    compareText(a.platform, b.platform) ||
    compareText(a.running.image, b.running.image)
  );
}

function placeOf({ namespace, form: { secrets, serviceAccount } }: PodFacts, reference: Reference): ImagePlace {
  return { reference, namespace, secrets, serviceAccount };
}

/**
 * Each way to an image once: the same repository by other credentials is another one. The first of each namespace come first, so that who
 * writes many names in one keeps none of another one out.
 */
function addPlace(places: ImagePlace[], place: ImagePlace): void {
  if (places.some((each) => isSamePlace(each, place))) return;
  const firstOf = (namespace: string): number => places.findIndex((each) => each.namespace === namespace);
  const isFirst = firstOf(place.namespace) < 0;
  const later = isFirst ? places.findIndex((each, at) => firstOf(each.namespace) < at) : -1;
  places.splice(later < 0 ? places.length : later, 0, place);
  if (places.length > limits.places) places.pop();
}

function isSamePlace(a: ImagePlace, b: ImagePlace): boolean {
  return (
    a.reference.registry === b.reference.registry &&
    a.reference.repository === b.reference.repository &&
    a.namespace === b.namespace &&
    a.serviceAccount === b.serviceAccount &&
    a.secrets.join('\n') === b.secrets.join('\n')
  );
}

function readReference(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}
