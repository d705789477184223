import type { Target } from '../target.ts';
import { verifyNodeFiles } from '../verify-node.ts';
import { rancherFiles } from '../k3s/rancher.ts';

/** RKE2: the wildcard, and the switch that keeps the upstream from being added. */
export const rke2Target: Target = {
  name: 'rke2',
  generate: (input) => rancherFiles('rke2', input),
  verify: (files, policy) => verifyNodeFiles(files, policy, 'rke2'),
};
