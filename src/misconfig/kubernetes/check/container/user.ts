import type { Check } from '../../../check.ts';
import { describe, ofContainers } from '../../define.ts';
import type { Container, Manifest } from '../../manifest.ts';
import { contextEntry } from '../../security-context.ts';
import { scalarAt } from '../../yaml/node.ts';

/** KSV-0012: what the image says of its user is not checked. */
export const mayBeRoot: Check<Manifest> = ofContainers(
  describe('KSV-0012', 'MEDIUM', {
    name: 'no-root',
    title: 'May run as root',
    description: 'A process of root in a container is root on the node as soon as it gets out.',
    resolution: 'Set securityContext.runAsNonRoot to true for the Pod or for each container.',
  }),
  (container) => {
    const entry = contextEntry(container, 'runAsNonRoot');
    if (scalarAt(entry?.value) === true) return undefined;
    return { message: `Container ${container.name} may run as root: set runAsNonRoot to true`, lines: entry?.lines };
  },
);

/** KSV-0020: a number that users of nodes have too. */
export const lowUser: Check<Manifest> = lowId('KSV-0020', 'runAsUser', 'user', 'use-high-uid');

/** KSV-0021: a number that groups of nodes have too. */
export const lowGroup: Check<Manifest> = lowId('KSV-0021', 'runAsGroup', 'group', 'use-high-gid');

/** KSV-0105: root, and on purpose. */
export const isRoot: Check<Manifest> = ofContainers(
  describe('KSV-0105', 'LOW', {
    name: 'containers-not-run-as-root',
    title: 'Runs as user 0',
    description: 'User 0 is root, whatever the image says.',
    resolution: 'Set securityContext.runAsUser to another number, or leave it out.',
  }),
  (container) => {
    const entry = contextEntry(container, 'runAsUser');
    if (scalarAt(entry?.value) !== 0) return undefined;
    return { message: `Container ${container.name} runs as user 0, which is root`, lines: entry?.lines };
  },
);

function lowId(id: string, field: string, what: string, name: string): Check<Manifest> {
  const info = describe(id, 'LOW', {
    name,
    title: `Runs with a ${what} id of 10000 or less`,
    description: `Numbers up to 10000 are those of the ${what}s that nodes have themselves: who gets out of the container is one of them.`,
    resolution: `Set securityContext.${field} to a number above 10000.`,
  });
  return ofContainers(info, (container) => {
    const entry = contextEntry(container, field);
    const number = numberOf(container, field);
    if (number !== undefined && number > 10_000) return undefined;
    const how = number === undefined ? `does not set ${field} to a number` : `sets ${field} to ${number}`;
    return { message: `Container ${container.name} ${how}: set one above 10000`, lines: entry?.lines };
  });
}

function numberOf(container: Container, field: string): number | undefined {
  const value = scalarAt(contextEntry(container, field)?.value);
  return typeof value === 'number' ? value : undefined;
}
