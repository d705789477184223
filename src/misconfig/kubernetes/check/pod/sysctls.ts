import { printable } from '../../../../base/printable.ts';
import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofPods } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';

/** What the baseline Pod Security Standard allows, in Kubernetes 1.32 and later. */
const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

/** KSV-0026: settings of the kernel that others feel. */
export const sysctls: Check<Manifest> = ofPods(
  describe('KSV-0026', 'MEDIUM', {
    name: 'no-unsafe-sysctl',
    title: 'Unsafe settings of the kernel',
    description:
      'Settings of the kernel outside of the safe ones change the node for all Pods on it, or turn protection off.',
    resolution: 'Keep securityContext.sysctls to the ones that the baseline Pod Security Standard allows.',
  }),
  ({ spec }) =>
    itemsAt(spec, 'securityContext', 'sysctls').flatMap((each): readonly Flaw[] => {
      // Both separators are taken (Kubernetes, "Using sysctls in a Kubernetes Cluster").
      const name = textAt(each, 'name')?.replaceAll('/', '.') ?? '';
      if (name === '' || safe.has(name)) return [];
      return [
        {
          message: `The Pod sets ${printable(name, 100)}, which is not a safe setting of the kernel`,
          lines: each.lines,
        },
      ];
    }),
);
