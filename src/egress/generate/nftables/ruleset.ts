import type { EgressPolicy } from '../../policy/model.ts';
import { type Allowed, allowList, rangeTexts, webPorts } from '../firewall/allow-list.ts';

/** The table that everything is in. No other is touched. */
export const tableName = 'inet seaworthy';

/**
 * A ruleset for `nft -f`: what may be reached first, then what is refused, for the node itself and for what it forwards for pods. The
 * table is made anew in the one transaction of the file; nothing else is changed.
 */
export function nftRuleset(policy: EgressPolicy): string {
  const allowed = allowList(policy, 'nftables');
  const sets = allowed.flatMap(({ purpose, ranges }) =>
    ([4, 6] as const).map((family) => setText(`${purpose}${family}`, family, rangeTexts(ranges, family))),
  );
  const rules = [...allowed.flatMap(acceptRules), ...rejectRules(policy.ports)];
  return [
    '# What nodes may reach; everything else of the kind is refused at once rather than lost.',
    `table ${tableName}`,
    `delete table ${tableName}`,
    `table ${tableName} {`,
    ...sets,
    '  chain rules {',
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    ...chain('output', 'oifname "lo" accept'),
    ...chain('forward', undefined),
    '}',
    '',
  ].join('\n');
}

function setText(name: string, family: 4 | 6, elements: readonly string[]): string {
  const list = elements.length === 0 ? '' : ` elements = { ${elements.join(', ')} };`;
  return `  set ${name} { type ipv${family}_addr; flags interval; auto-merge;${list} }`;
}

/** Behind the chains of Kubernetes and its networks (priority 0), whose verdict "accept" does not end the way of a packet. */
function chain(hook: string, first: string | undefined): string[] {
  const lines = ['ct state established,related accept', ...(first === undefined ? [] : [first]), 'jump rules'];
  return [
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority filter + 10; policy accept;`,
    ...lines.map((line) => `    ${line}`),
    '  }',
  ];
}

function acceptRules({ purpose, ports }: Allowed): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const to = `${family === 4 ? 'ip' : 'ip6'} daddr @${purpose}${family}`;
    if (ports === undefined) return [`${to} accept`];
    return ports.map(({ protocol, port }) => `${to} ${protocol} dport ${port} accept`);
  });
}

function rejectRules(ports: EgressPolicy['ports']): string[] {
  if (ports === 'all') {
    return [
      'udp dport { 67, 68, 546, 547 } accept',
      'meta l4proto tcp counter reject with tcp reset',
      'meta l4proto udp counter reject',
    ];
  }
  return [
    `tcp dport { ${webPorts.tcp.join(', ')} } counter reject with tcp reset`,
    `udp dport { ${webPorts.udp.join(', ')} } counter reject`,
  ];
}
