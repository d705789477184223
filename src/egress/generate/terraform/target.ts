import type { EgressPolicy } from '../../policy/model.ts';
import { type Allowed, allowList, firewallNotes, rangeTexts } from '../firewall/allow-list.ts';
import { whyOtherRanges } from '../firewall/verify-ranges.ts';
import type { GeneratedFile, Target } from '../target.ts';

/** Fragments for Terraform and OpenTofu in their JSON syntax: what holds outside the nodes. */
export const terraformTarget: Target = {
  name: 'terraform',
  generate({ policy }) {
    const allowed = allowList(policy, 'terraform');
    return {
      files: [
        { path: 'aws.tf.json', text: json(aws(allowed)) },
        { path: 'gcp.tf.json', text: json(gcp(allowed)) },
        { path: 'azure.tf.json', text: json(azure(allowed)) },
      ],
      notes: [
        ...firewallNotes({ ...policy, ports: 'all' }, 'terraform'),
        'terraform: take the file of your cloud, and put the nodes into the group or under the tag; rules of other groups that let more pass still do',
        'terraform: metadata services of clouds are beyond these rules',
      ],
    };
  },
  verify: (files, policy) => Promise.resolve(whyWrong(files, policy)),
};

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

interface Flow {
  readonly name: string;
  readonly cidr: string;
  readonly isV6: boolean;
  readonly protocol: 'tcp' | 'udp' | 'all';
  readonly port?: number;
}

/** One for each range and port. */
function flows(allowed: readonly Allowed[]): Flow[] {
  return allowed.flatMap(({ purpose, ranges, ports }) =>
    ranges.flatMap((range, index): Flow[] => {
      const [cidr = ''] = rangeTexts([range]);
      const base = { cidr, isV6: range.family === 6 };
      if (ports === undefined) return [{ ...base, name: `${purpose}_${index + 1}`, protocol: 'all' }];
      return ports.map(({ protocol, port }) => ({
        ...base,
        name: `${purpose}_${index + 1}_${protocol}${port}`,
        protocol,
        port,
      }));
    }),
  );
}

function aws(allowed: readonly Allowed[]): object {
  const rules = flows(allowed).map(({ name, cidr, isV6, protocol, port }) => [
    name,
    {
      security_group_id: '${aws_security_group.seaworthy_nodes.id}',
      description: name,
      ip_protocol: protocol === 'all' ? '-1' : protocol,
      ...(port === undefined ? {} : { from_port: port, to_port: port }),
      [isV6 ? 'cidr_ipv6' : 'cidr_ipv4']: cidr,
    },
  ]);
  return {
    variable: { vpc_id: { type: 'string' } },
    resource: {
      // A group without rules lets nothing out.
      aws_security_group: {
        seaworthy_nodes: {
          name_prefix: 'seaworthy-nodes-',
          description: 'Nodes reach the private registry, and what runs them',
          vpc_id: '${var.vpc_id}',
        },
      },
      aws_vpc_security_group_egress_rule: Object.fromEntries(rules) as object,
    },
  };
}

function gcp(allowed: readonly Allowed[]): object {
  const base = { network: '${var.network}', direction: 'EGRESS', target_tags: '${var.node_tags}' };
  const rules = flows(allowed).map(({ name, cidr, protocol, port }) => [
    name,
    {
      ...base,
      name: `seaworthy-${name.replaceAll('_', '-')}`,
      priority: 900,
      destination_ranges: [cidr],
      allow: [{ protocol, ...(port === undefined ? {} : { ports: [String(port)] }) }],
    },
  ]);
  const deny = (['0.0.0.0/0', '::/0'] as const).map((cidr, index) => [
    `deny_v${index === 0 ? 4 : 6}`,
    {
      ...base,
      name: `seaworthy-deny-v${index === 0 ? 4 : 6}`,
      priority: 1000,
      destination_ranges: [cidr],
      deny: [{ protocol: 'all' }],
    },
  ]);
  return {
    variable: { network: { type: 'string' }, node_tags: { type: 'list(string)' } },
    resource: { google_compute_firewall: Object.fromEntries([...rules, ...deny]) as object },
  };
}

/** The bounds of what Azure takes, as far as they are used. */
const [firstPriority, lastPriority] = [1000, 4096];

function azure(allowed: readonly Allowed[]): object {
  const base = {
    direction: 'Outbound',
    source_port_range: '*',
    source_address_prefix: '*',
    resource_group_name: '${var.resource_group_name}',
    network_security_group_name: '${var.network_security_group_name}',
  };
  const rules = flows(allowed).map(({ name, cidr, protocol, port }, index) => [
    name,
    {
      ...base,
      name: `seaworthy-${name.replaceAll('_', '-')}`,
      priority: firstPriority + index,
      access: 'Allow',
      protocol: protocol === 'all' ? '*' : protocol === 'tcp' ? 'Tcp' : 'Udp',
      destination_port_range: port === undefined ? '*' : String(port),
      destination_address_prefix: cidr,
    },
  ]);
  const deny = {
    ...base,
    name: 'seaworthy-deny',
    priority: lastPriority,
    access: 'Deny',
    protocol: '*',
    destination_port_range: '*',
    destination_address_prefix: '*',
  };
  return {
    variable: { resource_group_name: { type: 'string' }, network_security_group_name: { type: 'string' } },
    resource: { azurerm_network_security_rule: Object.fromEntries([...rules, ['deny', deny]]) as object },
  };
}

function whyWrong(files: readonly GeneratedFile[], policy: EgressPolicy): string | undefined {
  for (const { path, text } of files) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return `${path} is no JSON`;
    }
    const why = whyOtherRanges(value, policy, 'terraform') ?? whyTooMany(value);
    if (why !== undefined) return `${path}: ${why}`;
  }
  return undefined;
}

/** Azure takes priorities from 100 to 4096 (azurerm_network_security_rule), and the last one here refuses the rest. */
function whyTooMany(value: unknown): string | undefined {
  const { resource } = value as { readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  const rules = Object.values(resource?.['azurerm_network_security_rule'] ?? {});
  const most = lastPriority - firstPriority + 1;
  return rules.length <= most
    ? undefined
    : `Azure takes ${most} rules, of which there are ${rules.length}; name networks rather than addresses`;
}
