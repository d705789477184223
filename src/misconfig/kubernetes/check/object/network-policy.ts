import type { Check } from '../../../check.ts';
import { describe, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, itemsAt, type PlacedNode } from '../../yaml/node.ts';

/** KSV-0038: a policy that says nothing of whom it is about. */
export const networkPolicySelector: Check<Manifest> = ofManifests(
  describe('KSV-0038', 'MEDIUM', {
    name: 'selector-usage-in-network-policies',
    title: 'Network policy without a selector',
    description:
      'A network policy that selects neither Pods nor namespaces does not hold traffic back as it was meant to.',
    resolution: 'Select Pods by podSelector, or namespaces by namespaceSelector.',
  }),
  ({ kind, root }) => {
    if (kind !== 'NetworkPolicy') return undefined;
    const spec = entryAt(root, 'spec');
    if (selects(spec?.value)) return undefined;
    const peers = [
      ...itemsAt(spec?.value, 'ingress').flatMap((rule) => itemsAt(rule, 'from')),
      ...itemsAt(spec?.value, 'egress').flatMap((rule) => itemsAt(rule, 'to')),
    ];
    if (peers.some(selects)) return undefined;
    return { message: 'The network policy has neither a podSelector nor a namespaceSelector', lines: spec?.lines };
  },
);

function selects(node: PlacedNode | undefined): boolean {
  return entryAt(node, 'podSelector') !== undefined || entryAt(node, 'namespaceSelector') !== undefined;
}
