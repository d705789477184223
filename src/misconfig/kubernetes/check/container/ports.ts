import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofContainers } from '../../define.ts';
import type { Container, Manifest } from '../../manifest.ts';
import { entryAt, itemsAt, scalarAt } from '../../yaml/node.ts';

/** KSV-0024: a port of the node leads into the container. */
export const hostPort: Check<Manifest> = ofContainers(
  describe('KSV-0024', 'HIGH', {
    name: 'no-host-port-access',
    title: 'Port of the node is used',
    description:
      'A port of the node is reachable past Services and network policies, and only one Pod of a node can have it.',
    resolution: 'Remove hostPort, and publish the port by a Service.',
  }),
  // Zero is what is sent for a field that is not set.
  (container) => portsOf(container, 'hostPort', (port) => port !== 0, 'takes port', 'of its node: remove hostPort'),
);

/** KSV-0117: a port that only root can listen at. */
export const lowPort: Check<Manifest> = ofContainers(
  describe('KSV-0117', 'MEDIUM', {
    name: 'no-privilege-port-binding',
    title: 'Port below 1024',
    description: 'To listen at such a port, a process must be root or have a capability.',
    resolution: 'Let the program listen at a port from 1024 on, and give it another number by a Service.',
  }),
  (container) => portsOf(container, 'containerPort', (port) => port < 1024, 'listens at port', ', which is below 1024'),
);

function portsOf(
  { name, node }: Container,
  field: string,
  isBad: (port: number) => boolean,
  verb: string,
  why: string,
): readonly Flaw[] {
  return itemsAt(node, 'ports').flatMap((each) => {
    const port = scalarAt(each, field);
    if (typeof port !== 'number' || !isBad(port)) return [];
    const space = why.startsWith(',') ? '' : ' ';
    return [{ message: `Container ${name} ${verb} ${port}${space}${why}`, lines: entryAt(each, field)?.lines }];
  });
}
