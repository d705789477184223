import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofContainers } from '../../define.ts';
import type { Container, Manifest } from '../../manifest.ts';
import { entryAt, itemsAt, type PlacedNode, textAt } from '../../yaml/node.ts';

/** KSV-0003: capabilities that containers have by default are not taken away. */
export const dropsNotAll: Check<Manifest> = ofContainers(
  describe('KSV-0003', 'LOW', {
    name: 'drop-default-capabilities',
    title: 'Default capabilities are not all dropped',
    description: 'Runtimes give containers a dozen capabilities that most programs never use and attackers do.',
    resolution: 'Set securityContext.capabilities.drop to [ALL], and add back what the program needs.',
  }),
  (container) => {
    if (dropsAll(container)) return undefined;
    return {
      message: `Container ${container.name} keeps default capabilities: add ALL to securityContext.capabilities.drop`,
      lines: entryAt(container.node, 'securityContext', 'capabilities', 'drop')?.lines,
    };
  },
);

/** KSV-0004: nobody thought of capabilities. */
export const dropsNone: Check<Manifest> = ofContainers(
  describe('KSV-0004', 'LOW', {
    name: 'drop-unused-capabilities',
    title: 'No capability is dropped',
    description: 'The container has all capabilities that its runtime gives by default.',
    resolution: 'Name capabilities in securityContext.capabilities.drop, best of all ALL.',
  }),
  (container) => {
    if (listed(container, 'drop').length > 0) return undefined;
    return {
      message: `Container ${container.name} drops no capability: set securityContext.capabilities.drop to [ALL]`,
    };
  },
);

/** KSV-0005: nearly as much as root of the node. */
export const sysAdmin: Check<Manifest> = addsOne('KSV-0005', 'SYS_ADMIN', {
  name: 'no-sysadmin-capability',
  description: 'SYS_ADMIN lets a process mount, trace and more: it is close to being root on the node.',
});

/** KSV-0022: more than a container has by default. */
export const addsAny: Check<Manifest> = ofContainers(
  describe('KSV-0022', 'MEDIUM', {
    name: 'no-non-default-capabilities',
    title: 'Capabilities are added',
    description: 'Each capability that is added is one more thing that an attacker in the container may do.',
    resolution: 'Remove securityContext.capabilities.add where the program works without.',
  }),
  (container) => {
    const added = listed(container, 'add');
    if (added.length === 0) return undefined;
    return {
      message: `Container ${container.name} adds capabilities: ${added.map(({ name }) => name).join(', ')}`,
      lines: entryAt(container.node, 'securityContext', 'capabilities', 'add')?.lines,
    };
  },
);

/** KSV-0106: what the restricted Pod Security Standard allows, and no more. */
export const onlyNetBindService: Check<Manifest> = ofContainers(
  describe('KSV-0106', 'LOW', {
    name: 'drop-caps-add-bind-svc',
    title: 'Capabilities other than NET_BIND_SERVICE',
    description:
      'The restricted Pod Security Standard has containers drop all capabilities, and add none but NET_BIND_SERVICE.',
    resolution: 'Set securityContext.capabilities.drop to [ALL], and add nothing but NET_BIND_SERVICE.',
  }),
  (container): Flaw | readonly Flaw[] => {
    if (!dropsAll(container)) {
      return {
        message: `Container ${container.name} does not drop all capabilities: add ALL to securityContext.capabilities.drop`,
        lines: entryAt(container.node, 'securityContext', 'capabilities', 'drop')?.lines,
      };
    }
    return listed(container, 'add')
      .filter(({ name }) => name !== 'NET_BIND_SERVICE')
      .map(({ name, node }) => ({
        message: `Container ${container.name} adds ${name}: only NET_BIND_SERVICE may be added`,
        lines: node.lines,
      }));
  },
);

/** KSV-0119: packets with any sender. */
export const netRaw: Check<Manifest> = addsOne('KSV-0119', 'NET_RAW', {
  name: 'no-net-raw',
  description: 'NET_RAW lets a process send packets in the name of others, and so listen to their traffic.',
});

/** KSV-0120: code in the node's kernel. */
export const sysModule: Check<Manifest> = addsOne('KSV-0120', 'SYS_MODULE', {
  name: 'no-sysmodule-capability',
  description: "SYS_MODULE lets a process load code into the node's kernel, which is all that there is to take.",
});

function addsOne(
  id: string,
  capability: string,
  words: { readonly name: string; readonly description: string },
): Check<Manifest> {
  const info = describe(id, 'HIGH', {
    ...words,
    title: `Capability ${capability} is added`,
    resolution: `Remove ${capability} from securityContext.capabilities.add.`,
  });
  return ofContainers(info, (container) =>
    listed(container, 'add')
      .filter(({ name }) => name === capability || name === 'ALL')
      .map(({ name, node }) => ({
        message: `Container ${container.name} adds ${name === 'ALL' ? `ALL, and with it ${capability}` : capability}: remove it`,
        lines: node.lines,
      })),
  );
}

function dropsAll(container: Container): boolean {
  return listed(container, 'drop').some(({ name }) => name === 'ALL');
}

/** Runtimes take names in any case, and with the prefix of the kernel's headers. */
function listed(
  { node }: Container,
  list: 'add' | 'drop',
): readonly { readonly name: string; readonly node: PlacedNode }[] {
  return itemsAt(node, 'securityContext', 'capabilities', list).flatMap((each) => {
    const name = textAt(each)?.toUpperCase().replace(/^CAP_/, '') ?? '';
    // Other texts are no capabilities, and runtimes refuse them.
    return /^[A-Z_]{1,40}$/.test(name) ? [{ name, node: each }] : [];
  });
}
