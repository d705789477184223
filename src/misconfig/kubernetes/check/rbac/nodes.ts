import type { Check } from '../../../check.ts';
import type { Manifest } from '../../manifest.ts';
import { ofGrant } from '../../rbac-rules.ts';

/** KSV-0047: the kubelet's own interface. */
export const nodeProxy: Check<Manifest> = ofGrant(
  'KSV-0047',
  'HIGH',
  {
    name: 'no-privilege-escalation-from-node-proxy',
    title: 'May ask kubelets by nodes/proxy',
    description: 'By nodes/proxy, commands run in every Pod of a node, past admission and audit.',
    resolution: 'Remove nodes/proxy; for metrics, nodes/metrics is enough.',
  },
  { groups: [''], resources: ['nodes/proxy'], verbs: ['get', 'create'] },
);
