import { parseQuantity } from '../../../../lang/quantity/quantity.ts';
import type { Check } from '../../../check.ts';
import { describe, ofContainers } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, scalarAt } from '../../yaml/node.ts';

/** KSV-0011: one container can take all time of its node. */
export const cpuLimit: Check<Manifest> = amountOf('KSV-0011', 'limits', 'cpu', {
  name: 'limit-cpu',
  title: 'CPU is not limited',
  description: 'Without a limit, a container that runs wild or mines coins takes the CPU of everything on its node.',
});

/** KSV-0015: nobody knows how much it needs. */
export const cpuRequest: Check<Manifest> = amountOf('KSV-0015', 'requests', 'cpu', {
  name: 'no-unspecified-cpu-requests',
  title: 'CPU is not requested',
  description: 'Without a request, a Pod is placed on nodes that have no CPU to spare.',
});

/** KSV-0016: nobody knows how much it needs. */
export const memoryRequest: Check<Manifest> = amountOf('KSV-0016', 'requests', 'memory', {
  name: 'no-unspecified-memory-requests',
  title: 'Memory is not requested',
  description:
    'Without a request, a Pod is placed on nodes that have no memory to spare, and is the first to be killed.',
});

/** KSV-0018: one container can take all memory of its node. */
export const memoryLimit: Check<Manifest> = amountOf('KSV-0018', 'limits', 'memory', {
  name: 'limit-memory',
  title: 'Memory is not limited',
  description: 'Without a limit, a container that leaks or is flooded takes the memory of everything on its node.',
});

function amountOf(
  id: string,
  kind: 'limits' | 'requests',
  resource: 'cpu' | 'memory',
  words: { readonly name: string; readonly title: string; readonly description: string },
): Check<Manifest> {
  const info = describe(id, 'LOW', { ...words, resolution: `Set resources.${kind}.${resource} of the container.` });
  return ofContainers(info, ({ list, name, node, podSpec }) => {
    // These may have none (Kubernetes API, EphemeralContainer), while a Pod may have some for all of its containers.
    if (list === 'ephemeralContainers') return undefined;
    const entry = entryAt(node, 'resources', kind, resource) ?? entryAt(podSpec, 'resources', kind, resource);
    const where = `resources.${kind}.${resource}`;
    if (entry === undefined) return { message: `Container ${name} does not set ${where}` };
    const quantity = parseQuantity(String(scalarAt(entry.value) ?? ''));
    if (quantity === undefined || quantity.nano < 0n) {
      return {
        message: `Container ${name} sets ${where} to what is no quantity: write one such as 500m or 128Mi`,
        lines: entry.lines,
      };
    }
    // The kubelet sets no limit then.
    if (kind === 'limits' && quantity.nano === 0n) {
      return { message: `Container ${name} sets ${where} to zero, which is no limit`, lines: entry.lines };
    }
    return undefined;
  });
}
