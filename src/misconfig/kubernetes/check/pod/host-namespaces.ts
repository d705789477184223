import type { Check } from '../../../check.ts';
import { describe, ofPods } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, itemsAt, scalarAt } from '../../yaml/node.ts';

/** KSV-0007: names that lead elsewhere than DNS says. */
export const hostAliases: Check<Manifest> = ofPods(
  describe('KSV-0007', 'LOW', {
    name: 'no-hostaliases',
    title: 'Lines of /etc/hosts are set',
    description: 'Names in hostAliases lead where the manifest says, and nobody who changes DNS knows of it.',
    resolution: 'Remove hostAliases, and let DNS resolve the names.',
  }),
  ({ spec }) => {
    if (itemsAt(spec, 'hostAliases').length === 0) return undefined;
    return {
      message: 'The Pod sets lines of /etc/hosts: remove hostAliases',
      lines: entryAt(spec, 'hostAliases')?.lines,
    };
  },
);

/** KSV-0008: memory and queues of the node's processes. */
export const hostIpc: Check<Manifest> = shares('KSV-0008', 'hostIPC', {
  name: 'no-shared-ipc-namespace',
  title: "Shares the node's IPC",
  description: 'The Pod can read and write shared memory and queues of processes of its node.',
});

/** KSV-0009: all traffic of the node. */
export const hostNetwork: Check<Manifest> = shares('KSV-0009', 'hostNetwork', {
  name: 'no-host-network',
  title: "Shares the node's network",
  description:
    "The Pod can listen to the node's traffic, reach what listens on its loopback, and is under no network policy.",
});

/** KSV-0010: all processes of the node. */
export const hostPid: Check<Manifest> = shares('KSV-0010', 'hostPID', {
  name: 'no-host-pid',
  title: "Shares the node's processes",
  description: 'The Pod sees the processes of its node with their environments, and may signal or trace them.',
});

function shares(
  id: string,
  field: string,
  words: { readonly name: string; readonly title: string; readonly description: string },
): Check<Manifest> {
  const info = describe(id, 'HIGH', { ...words, resolution: `Remove ${field}, or set it to false.` });
  return ofPods(info, ({ spec }) => {
    if (scalarAt(spec, field) !== true) return undefined;
    return { message: `The Pod sets ${field} to true: remove it`, lines: entryAt(spec, field)?.lines };
  });
}
