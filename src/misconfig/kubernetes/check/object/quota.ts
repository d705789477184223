import type { Check } from '../../../check.ts';
import { describe, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, itemsAt } from '../../yaml/node.ts';

const ofLimits = ['type', 'max', 'min', 'default', 'defaultRequest'];

/** KSV-0039: limits that leave something open. */
export const limitRange: Check<Manifest> = ofManifests(
  describe('KSV-0039', 'LOW', {
    name: 'limit-range-usage',
    title: 'LimitRange leaves something open',
    description:
      'A LimitRange gives containers limits and requests that they do not set; what it leaves out is left open.',
    resolution: 'Set type, max, min, default and defaultRequest in one of the limits.',
  }),
  ({ kind, root }) => {
    if (kind !== 'LimitRange') return undefined;
    const limits = itemsAt(root, 'spec', 'limits');
    if (limits.some((each) => ofLimits.every((field) => entryAt(each, field) !== undefined))) return undefined;
    return { message: `None of the limits has all of ${ofLimits.join(', ')}`, lines: entryAt(root, 'spec')?.lines };
  },
);

const ofQuotas = ['requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** KSV-0040: a quota that leaves something open. */
export const resourceQuota: Check<Manifest> = ofManifests(
  describe('KSV-0040', 'LOW', {
    name: 'resource-quota-usage',
    title: 'ResourceQuota leaves something open',
    description: 'What a quota does not name, one namespace can take from all others.',
    resolution: 'Set requests.cpu, requests.memory, limits.cpu and limits.memory in spec.hard.',
  }),
  ({ kind, root }) => {
    if (kind !== 'ResourceQuota') return undefined;
    const missing = ofQuotas.filter((each) => entryAt(root, 'spec', 'hard', each) === undefined);
    if (missing.length === 0) return undefined;
    return { message: `The quota does not limit ${missing.join(', ')}`, lines: entryAt(root, 'spec')?.lines };
  },
);
