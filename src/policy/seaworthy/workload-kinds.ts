/** A kind of object that names images. */
export interface WorkloadKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Kinds of Kubernetes' own whose images `imagesOfPods` finds. */
const workloadKinds: readonly WorkloadKind[] = [
  { group: '', version: 'v1', kind: 'Pod' },
  { group: '', version: 'v1', kind: 'PodTemplate' },
  { group: '', version: 'v1', kind: 'ReplicationController' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  { group: 'apps', version: 'v1', kind: 'DaemonSet' },
  { group: 'apps', version: 'v1', kind: 'ReplicaSet' },
  { group: 'batch', version: 'v1', kind: 'Job' },
  { group: 'batch', version: 'v1', kind: 'CronJob' },
];

/** Their names. */
export const kindNames: readonly string[] = workloadKinds.map(({ kind }) => kind);

/** Group and version of one of them. */
export function kindOfName(name: string): WorkloadKind {
  return workloadKinds.find(({ kind }) => kind === name) ?? { group: '', version: '', kind: name };
}

/** As those who register a webhook name them; of pods, what is added to running ones is apart (`pods/ephemeralcontainers`). */
export function registeredWorkloads(kinds: readonly string[] = kindNames): readonly string[] {
  return workloadKinds
    .filter(({ kind }) => kinds.includes(kind))
    .flatMap(({ group, version, kind }) => {
      const name = `${group}/${version}/${kind}`;
      return kind === 'Pod' ? [name, `${name}/ephemeralcontainers`] : [name];
    });
}

/** Whether an object is of one of the kinds, whatever the version in which the API server tells of it. */
export function isWorkload(
  { group, kind, subresource }: { readonly group: string; readonly kind: string; readonly subresource: string },
  kinds: readonly string[] = kindNames,
): boolean {
  const isKnown = workloadKinds.some((each) => each.group === group && each.kind === kind && kinds.includes(kind));
  return isKnown && (subresource === '' || (kind === 'Pod' && subresource === 'ephemeralcontainers'));
}
