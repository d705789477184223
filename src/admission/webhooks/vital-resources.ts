import type { MatchCondition, WebhookRule } from './model.ts';

/**
 * What nodes and the control plane write to live, and what has no images. A policy about everything would have the webhook asked about
 * these too, and when it is gone under `Fail`, nodes could not say that they are there, nobody could log in, and the webhook would
 * not start again. The group of the webhook's own objects is among them, so that a policy can always be mended.
 */
const vital: readonly (readonly [group: string, resources: readonly string[]])[] = [
  ['', ['nodes', 'events', 'bindings', 'componentstatuses']],
  ['events.k8s.io', ['events']],
  ['coordination.k8s.io', ['leases', 'leasecandidates']],
  ['authentication.k8s.io', ['tokenreviews', 'selfsubjectreviews']],
  [
    'authorization.k8s.io',
    ['subjectaccessreviews', 'localsubjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  ],
  ['certificates.k8s.io', ['certificatesigningrequests', 'clustertrustbundles', 'podcertificaterequests']],
  ['apiregistration.k8s.io', ['apiservices']],
  ['flowcontrol.apiserver.k8s.io', ['flowschemas', 'prioritylevelconfigurations']],
  ['storage.k8s.io', ['csinodes', 'volumeattachments']],
  ['resource.k8s.io', ['resourceslices']],
  ['internal.apiserver.k8s.io', ['storageversions']],
  ['seaworthy.dev', ['imagepolicies']],
  ['verdicts.seaworthy.dev', ['imageverdicts']],
];

/**
 * Leaves out, for API servers to look at, what is vital and what a rule takes in only because it takes in everything; undefined where no
 * rule does. What a policy names is its own choice.
 */
export function vitalCondition(rules: readonly WebhookRule[]): MatchCondition | undefined {
  if (!rules.some(({ apiGroups, resources }) => [...apiGroups, ...resources].some(isWide))) return undefined;
  const groups = vital.flatMap(([group, resources]) => {
    const left = resources.filter((resource) => !rules.some((rule) => names(rule, group, resource)));
    return left.length === 0
      ? []
      : [`request.resource.group == '${group}' && request.resource.resource in ${list(left)}`];
  });
  if (groups.length === 0) return undefined;
  return { name: 'not-vital', expression: groups.map((each) => `!(${each})`).join(' && ') };
}

function isWide(part: string): boolean {
  return part.startsWith('*');
}

function names({ apiGroups, resources }: WebhookRule, group: string, resource: string): boolean {
  return (
    (apiGroups.includes(group) || apiGroups.includes('*')) &&
    resources.some((each) => each === resource || each.startsWith(`${resource}/`))
  );
}

function list(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
