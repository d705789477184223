import { type Allowed, allowList, firewallNotes, rangeTexts } from '../firewall/allow-list.ts';
import { verifyYamlRanges } from '../firewall/verify-ranges.ts';
import type { Target } from '../target.ts';
import { yamlText } from '../yaml-text.ts';

/** Policies of Cilium for nodes (its host firewall) and for pods. Names of hosts are not used: they need its DNS proxy. */
export const ciliumTarget: Target = {
  name: 'cilium',
  generate({ policy }) {
    const egress = [
      { toEntities: ['cluster', 'health', 'kube-apiserver', 'remote-node'] },
      ...allowList(policy, 'cilium').map(rule),
    ];
    const document = (name: string, selector: object): object => ({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumClusterwideNetworkPolicy',
      metadata: { name },
      spec: { ...selector, egress },
    });
    return {
      files: [
        {
          path: 'cilium.yaml',
          text: yamlText([
            {
              comment: 'Nodes. Needs the host firewall of Cilium (hostFirewall.enabled=true).',
              value: document('seaworthy-egress-nodes', { nodeSelector: {} }),
            },
            { comment: 'Pods of all namespaces.', value: document('seaworthy-egress-pods', { endpointSelector: {} }) },
          ]),
        },
      ],
      notes: [
        ...firewallNotes({ ...policy, ports: 'all' }, 'cilium'),
        'cilium: try it in audit mode first (cilium-dbg endpoint config ID PolicyAuditMode=Enabled for the endpoint of the host), and have the images of Cilium itself on all nodes before',
      ],
    };
  },
  verify: (files, policy) =>
    verifyYamlRanges(files, policy, 'cilium', ['CiliumClusterwideNetworkPolicy', 'CiliumClusterwideNetworkPolicy']),
};

function rule({ ranges, ports }: Allowed): object {
  return {
    toCIDR: rangeTexts(ranges),
    ...(ports === undefined
      ? {}
      : {
          toPorts: [
            { ports: ports.map(({ protocol, port }) => ({ port: String(port), protocol: protocol.toUpperCase() })) },
          ],
        }),
  };
}
