import { type Allowed, allowList, firewallNotes, rangeTexts } from '../firewall/allow-list.ts';
import { verifyYamlRanges } from '../firewall/verify-ranges.ts';
import type { Target } from '../target.ts';
import { yamlText } from '../yaml-text.ts';

/** A NetworkPolicy of Kubernetes, which is for the pods of one namespace alone. */
export const networkpolicyTarget: Target = {
  name: 'networkpolicy',
  generate({ policy }) {
    const value = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'seaworthy-egress' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: allowList(policy, 'networkpolicy').map(rule) },
    };
    const comment =
      'For the pods of the namespace that it is applied in. It holds neither pods of the host network nor the nodes, whose runtimes pull images.';
    return {
      files: [{ path: 'networkpolicy.yaml', text: yamlText([{ comment, value }]) }],
      notes: [
        ...firewallNotes({ ...policy, ports: 'all' }, 'networkpolicy'),
        'networkpolicy: this holds pods, and no pull of a node; for those take nftables, cilium, calico or terraform',
      ],
    };
  },
  verify: (files, policy) => verifyYamlRanges(files, policy, 'networkpolicy', ['NetworkPolicy']),
};

function rule({ ranges, ports }: Allowed): object {
  return {
    to: rangeTexts(ranges).map((cidr) => ({ ipBlock: { cidr } })),
    ...(ports === undefined
      ? {}
      : { ports: ports.map(({ protocol, port }) => ({ protocol: protocol.toUpperCase(), port })) }),
  };
}
