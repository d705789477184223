import type { Check } from '../../../check.ts';
import type { Manifest } from '../../manifest.ts';
import { ofGrant, writing } from '../../rbac-rules.ts';

/** KSV-0056: where traffic goes. */
export const networking: Check<Manifest> = ofGrant(
  'KSV-0056',
  'HIGH',
  {
    name: 'no-manage-networking-resources',
    title: 'May change where traffic goes',
    description:
      'Who may change Services and the like gets the traffic of others; who may change network policies opens the way.',
    resolution: 'Give no more than get, list and watch of them.',
  },
  {
    groups: ['', 'networking.k8s.io', 'discovery.k8s.io', 'extensions'],
    resources: ['services', 'endpoints', 'endpointslices', 'networkpolicies', 'ingresses'],
    verbs: writing,
  },
);
