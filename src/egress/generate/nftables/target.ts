import type { EgressPolicy } from '../../policy/model.ts';
import { allowList, firewallNotes } from '../firewall/allow-list.ts';
import type { Target } from '../target.ts';
import { type Packet, parseNft } from './judge.ts';
import { nftRuleset } from './ruleset.ts';
import { rollbackScript, rulesetPath, scriptPath } from './script.ts';

/** nftables on each node: what holds whatever a runtime does. */
export const nftablesTarget: Target = {
  name: 'nftables',
  generate({ policy }) {
    return {
      files: [
        { path: rulesetPath, text: nftRuleset(policy) },
        { path: scriptPath, text: rollbackScript(policy.rollbackMs), executable: true },
      ],
      notes: [
        ...firewallNotes(policy, 'nftables'),
        `nftables: run "${scriptPath} apply" on a node, look whether you still reach it, then "${scriptPath} confirm"; the rules are gone after a restart unless something applies them again`,
      ],
    };
  },
  verify: (files, policy) =>
    Promise.resolve(whyWrong(files.find(({ path }) => path === rulesetPath)?.text ?? '', policy)),
};

/** Sends a connection of each kind through the rules as they were read back. */
function whyWrong(text: string, policy: EgressPolicy): string | undefined {
  const rules = parseNft(text);
  if (typeof rules === 'string') return rules;
  if (rules.hooks.join(' ') !== 'output forward') return 'the rules are not in force for the node and its pods';
  const any = [{ protocol: 'tcp', port: 9999 }] as const;
  for (const { ranges, ports = any, purpose } of allowList(policy, 'nftables')) {
    for (const { family, address } of ranges) {
      const closed = ports.find(({ protocol, port }) => rules.judge({ family, address, protocol, port }) !== 'accept');
      if (closed !== undefined) return `${purpose} at ${address} would not be reached`;
    }
  }
  const open = elsewhere(policy).find((packet) => rules.judge(packet) !== 'reject');
  return open === undefined ? undefined : `${open.address} at port ${open.port} (${open.protocol}) would be reached`;
}

/** Connections to addresses for documentation (RFC 5737, 3849), which no policy has but to try this. */
function elsewhere({ ports }: EgressPolicy): readonly Packet[] {
  const kinds = [
    { protocol: 'tcp', port: 443 },
    { protocol: 'tcp', port: 80 },
    { protocol: 'tcp', port: 5000 },
    { protocol: 'udp', port: 443 },
    ...(ports === 'all' ? [{ protocol: 'tcp', port: 12_345 } as const] : []),
  ] as const;
  return kinds.flatMap((kind) => [
    { family: 4 as const, address: '203.0.113.77', ...kind },
    { family: 6 as const, address: '2001:db8::77', ...kind },
  ]);
}
