import type { Check } from '../../../check.ts';
import type { Manifest } from '../../manifest.ts';
import { ofGrant, writing } from '../../rbac-rules.ts';

/** KSV-0114: who sees and changes all that comes to the cluster. */
export const webhookConfigurations: Check<Manifest> = ofGrant(
  'KSV-0114',
  'CRITICAL',
  {
    name: 'no-manage-webhook',
    title: 'May change webhooks of admission',
    description:
      'A webhook sees every object that comes to the cluster, secrets too, and may change it; without ours, no policy holds.',
    resolution: 'Give no more than get, list and watch of webhook configurations.',
  },
  {
    groups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
    verbs: writing,
  },
);
