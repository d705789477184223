import type { ClusterInventory, Workload, WorkloadImage } from '../../../src/cluster/model.ts';
import { sampleDigests } from './sample-cluster.ts';

const names = new Map<string, string>(Object.entries(sampleDigests).map(([name, digest]) => [digest, name]));

/** What runs, as lines for people: a workload, then each of its images. Digests have the names of the sample cluster. */
export function describeWorkloads({ workloads }: Pick<ClusterInventory, 'workloads'>): readonly string[] {
  return workloads.flatMap((workload) => [headOf(workload), ...workload.images.map(lineOf)]);
}

function headOf({ namespace, kind, name, pods, replicas, owner, pullSecrets }: Workload): string {
  const by = owner === undefined ? '' : ` of ${owner.kind}/${owner.name}`;
  const pulled = pullSecrets.length === 0 ? '' : `, pulled by ${pullSecrets.join(' ')}`;
  return `${namespace} ${kind}/${name}${by}: ${pods} of ${replicas ?? '?'}${pulled}`;
}

function lineOf({ kind, container, image, inTemplate, running, undigested }: WorkloadImage): string {
  const digests = running.map(({ digest, pods, platforms }) => {
    const on = platforms.map(({ platform, pods: count }) => `${platform}:${count}`).join(' ');
    return `${names.get(digest) ?? digest} in ${pods} (${on})`;
  });
  const rest = undigested === 0 ? [] : [`no digest in ${undigested}`];
  return `  ${kind} ${container} ${image}${inTemplate ? '' : ' (not of the template)'}: ${[...digests, ...rest].join(', ') || 'none'}`;
}
