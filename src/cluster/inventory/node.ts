import type { KubernetesObject } from '../../kubernetes/model.ts';
import { type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import type { ClusterNode } from '../model.ts';
import { labelsOf, textOf } from './object-facts.ts';

/** What a Node says of itself (Kubernetes API, NodeSystemInfo). */
export function readNode(node: KubernetesObject): ClusterNode {
  const info = memberOf(memberOf(node as unknown as JsonValue, 'status'), 'nodeInfo');
  const told = (name: string): string => textOf(memberOf(info, name)) ?? '';
  return {
    name: node.metadata.name,
    kubelet: told('kubeletVersion'),
    runtime: told('containerRuntimeVersion'),
    osImage: told('osImage'),
    kernel: told('kernelVersion'),
    os: told('operatingSystem'),
    architecture: told('architecture'),
    labels: labelsOf(node),
  };
}

/** The platform that images of a node are for: `linux/amd64`; undefined where it does not tell. */
export function platformOf({ os, architecture }: Pick<ClusterNode, 'os' | 'architecture'>): string | undefined {
  return os === '' || architecture === '' ? undefined : `${os}/${architecture}`;
}
