import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, itemsAt, scalarAt } from '../../yaml/node.ts';

/** KSV-0108: traffic of others (CVE-2020-8554). */
export const externalIp: Check<Manifest> = ofManifests(
  describe('KSV-0108', 'HIGH', {
    name: 'no_svc_with_extip',
    title: 'Service with an address from outside',
    description:
      'By externalIPs, a Service gets what Pods send to any address (CVE-2020-8554); by externalName, it leads out of the cluster.',
    resolution: 'Remove externalIPs and externalName.',
  }),
  ({ kind, root }) => {
    if (kind !== 'Service') return undefined;
    const flaws: Flaw[] = [];
    if (itemsAt(root, 'spec', 'externalIPs').length > 0) {
      flaws.push({ message: 'The Service sets externalIPs', lines: entryAt(root, 'spec', 'externalIPs')?.lines });
    }
    if ((scalarAt(root, 'spec', 'externalName') ?? '') !== '') {
      flaws.push({ message: 'The Service sets externalName', lines: entryAt(root, 'spec', 'externalName')?.lines });
    }
    return flaws;
  },
);
