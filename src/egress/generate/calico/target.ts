import type { EgressPolicy } from '../../policy/model.ts';
import { allowList, firewallNotes, rangeTexts, webPorts } from '../firewall/allow-list.ts';
import { verifyYamlRanges } from '../firewall/verify-ranges.ts';
import type { Target } from '../target.ts';
import { yamlText } from '../yaml-text.ts';

/** Calico: host endpoints for all nodes, made by its controllers, and a policy for them. */
export const calicoTarget: Target = {
  name: 'calico',
  generate({ policy }) {
    const controllers = {
      apiVersion: 'projectcalico.org/v3',
      kind: 'KubeControllersConfiguration',
      metadata: { name: 'default' },
      spec: { controllers: { node: { hostEndpoint: { autoCreate: 'Enabled' } } } },
    };
    const nodes = {
      apiVersion: 'projectcalico.org/v3',
      kind: 'GlobalNetworkPolicy',
      metadata: { name: 'seaworthy-egress-nodes' },
      spec: {
        order: 10,
        selector: "projectcalico.org/created-by == 'calico-kube-controllers'",
        types: ['Egress'],
        egress: rules(policy),
      },
    };
    return {
      files: [
        {
          path: 'calico.yaml',
          text: yamlText([
            {
              comment: 'Apply this with "calicoctl patch", since the resource has other settings, too.',
              value: controllers,
            },
            { comment: 'Nodes. Pods are held by a NetworkPolicy.', value: nodes },
          ]),
        },
      ],
      notes: [
        ...firewallNotes(policy, 'calico'),
        'calico: set FelixConfiguration failsafeOutboundHostPorts to what your nodes need; its default leaves some ports open',
      ],
    };
  },
  verify: (files, policy) =>
    verifyYamlRanges(files, policy, 'calico', ['KubeControllersConfiguration', 'GlobalNetworkPolicy']),
};

function rules(policy: EgressPolicy): object[] {
  const accept = allowList(policy, 'calico').flatMap(({ ranges, ports }): object[] => {
    const nets = rangeTexts(ranges);
    if (ports === undefined) return [{ action: 'Allow', destination: { nets } }];
    return ports.map(({ protocol, port }) => ({
      action: 'Allow',
      protocol: protocol.toUpperCase(),
      destination: { nets, ports: [port] },
    }));
  });
  if (policy.ports === 'all') return [...accept, { action: 'Deny' }];
  const refuse = (['tcp', 'udp'] as const).map((protocol) => ({
    action: 'Deny',
    protocol: protocol.toUpperCase(),
    destination: { ports: webPorts[protocol] },
  }));
  return [...accept, ...refuse, { action: 'Allow' }];
}
