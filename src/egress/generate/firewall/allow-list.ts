import { formatNetworkRange, type NetworkRange } from '../../../net/network-range.ts';
import { EgressError } from '../../error.ts';
import type { EgressPolicy } from '../../policy/model.ts';
import type { TargetName } from '../target.ts';

/** What nodes may reach, for one purpose. */
export interface Allowed {
  /** A word for names of rules: small letters alone. */
  readonly purpose: string;
  readonly ranges: readonly NetworkRange[];
  /** Absent: all ports of both protocols. */
  readonly ports?: readonly { readonly protocol: 'tcp' | 'udp'; readonly port: number }[];
}

/** Ports of web servers and registries, and of DNS over TLS. UDP is QUIC, and DNS over it. */
export const webPorts: { readonly tcp: readonly number[]; readonly udp: readonly number[] } = {
  tcp: [80, 443, 853, 5000, 8080, 8443],
  udp: [80, 443, 853],
};

/**
 * What a firewall lets pass, in the order of the policy; purposes without addresses are left out.
 *
 * @throws EgressError EGRESS_POLICY_INCOMPLETE where the addresses of the registry are not known: firewalls know no names
 */
export function allowList(policy: EgressPolicy, target: TargetName): readonly Allowed[] {
  const { registry, exceptions, cluster, apiServer, dns, ntp, metadata } = policy;
  const missing = [
    ...(registry.addresses.length === 0 ? ['registry.addresses'] : []),
    ...exceptions.flatMap(({ addresses, host }) =>
      addresses.length === 0 ? [`addresses of the exception ${host}`] : [],
    ),
  ];
  if (missing.length > 0) {
    const message = `${target} knows no names of hosts; add ${missing.join(', ')} to the policy`;
    throw new EgressError('EGRESS_POLICY_INCOMPLETE', message);
  }
  const all: readonly Allowed[] = [
    { purpose: 'registry', ranges: registry.addresses, ports: [{ protocol: 'tcp', port: registry.port }] },
    ...exceptions.map(({ host, addresses }, index): Allowed => {
      const port = Number(/:(\d+)$/.exec(host)?.[1] ?? 443);
      return { purpose: `exception${index + 1}`, ranges: addresses, ports: [{ protocol: 'tcp', port }] };
    }),
    { purpose: 'cluster', ranges: cluster },
    ...apiServer.map(({ range, port }, index): Allowed => {
      return { purpose: `apiserver${index + 1}`, ranges: [range], ports: [{ protocol: 'tcp', port }] };
    }),
    {
      purpose: 'dns',
      ranges: dns,
      ports: [
        { protocol: 'udp', port: 53 },
        { protocol: 'tcp', port: 53 },
      ],
    },
    { purpose: 'ntp', ranges: ntp, ports: [{ protocol: 'udp', port: 123 }] },
    { purpose: 'metadata', ranges: metadata, ports: [{ protocol: 'tcp', port: 80 }] },
  ];
  return all.filter(({ ranges }) => ranges.length > 0);
}

/** What a person should know of a policy that a firewall is made of. */
export function firewallNotes({ dns, apiServer, cluster, ports }: EgressPolicy, target: TargetName): string[] {
  const notes: string[] = [];
  if (ports === 'all' && dns.length === 0)
    notes.push(`${target}: no names can be looked up, since the policy has no dns`);
  if (apiServer.length === 0 && cluster.length === 0) {
    notes.push(
      `${target}: the policy has neither apiServer nor cluster; nodes lose what they reach there at ports that are closed`,
    );
  }
  return notes;
}

/** Ranges as texts, of one family or of both. */
export function rangeTexts(ranges: readonly NetworkRange[], family?: 4 | 6): string[] {
  return ranges.filter((range) => family === undefined || range.family === family).map(formatNetworkRange);
}
