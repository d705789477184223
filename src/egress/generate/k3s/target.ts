import type { Target } from '../target.ts';
import { verifyNodeFiles } from '../verify-node.ts';
import { rancherFiles } from './rancher.ts';

/** k3s: the wildcard, and the switch that keeps the upstream from being added. */
export const k3sTarget: Target = {
  name: 'k3s',
  generate: (input) => rancherFiles('k3s', input),
  verify: (files, policy) => verifyNodeFiles(files, policy, 'k3s'),
};
