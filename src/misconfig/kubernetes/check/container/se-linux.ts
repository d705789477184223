import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofContainers } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { contextEntry } from '../../security-context.ts';
import { scalarAt } from '../../yaml/node.ts';

/** Types that the baseline Pod Security Standard allows; no type is the runtime's default. */
const types: ReadonlySet<unknown> = new Set([
  undefined,
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

/** KSV-0025: another label than containers have. */
export const seLinux: Check<Manifest> = ofContainers(
  describe('KSV-0025', 'MEDIUM', {
    name: 'no-custom-selinux-options',
    title: 'Own options of SELinux',
    description: 'Another type, user or role of SELinux can take away what keeps the container from its node.',
    resolution: 'Remove seLinuxOptions, or keep to the types container_t, container_init_t and container_kvm_t.',
  }),
  (container) => {
    const entry = contextEntry(container, 'seLinuxOptions');
    const flaws: Flaw[] = [];
    if (!types.has(scalarAt(entry?.value, 'type'))) {
      flaws.push({
        message: `Container ${container.name} sets a type of SELinux that is none of containers`,
        lines: entry?.lines,
      });
    }
    for (const field of ['user', 'role']) {
      if ((scalarAt(entry?.value, field) ?? '') === '') continue;
      flaws.push({
        message: `Container ${container.name} sets the ${field} of SELinux: remove it`,
        lines: entry?.lines,
      });
    }
    return flaws;
  },
);
