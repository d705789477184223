import type { Json } from '../status.ts';

/** A digest that is like no other: of that number. */
export function digestOf(number: number): string {
  return `sha256:${number.toString(16).padStart(64, '0')}`;
}

/** A reference to what controls an object. */
export function ownedBy(apiVersion: string, kind: string, name: string, uid = `uid-${name}`): Json {
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
  return { ownerReferences: [owner] };
}

/** A Node as kubelets write it. */
export function nodeOf(name: string, architecture = 'amd64'): Json {
  return {
    metadata: { name, labels: { 'kubernetes.io/arch': architecture, 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR: '10.244.0.0/24' },
    status: {
      images: [{ names: ['registry.k8s.io/pause:3.10'], sizeBytes: 320_368 }],
      nodeInfo: {
        kubeletVersion: 'v1.34.1',
        kubeProxyVersion: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        kernelVersion: '6.12.48+deb13-amd64',
        operatingSystem: 'linux',
        architecture,
      },
    },
  };
}

/** A container of a Pod, and what its status tells. */
export interface TestContainer {
  readonly name: string;
  readonly image: string;
  /** As a runtime writes it; the container did not start where it is absent. */
  readonly imageId?: string;
  readonly list?: 'initContainers' | 'ephemeralContainers';
  readonly more?: Json;
}

/** What a Pod is made of. */
export interface TestPod {
  readonly name: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly phase?: string;
  readonly containers: readonly TestContainer[];
  readonly metadata?: Json;
  readonly spec?: Json;
}

/** A Pod as the API server gives it, with what nobody here reads. */
export function podOf({ name, namespace, node = 'n1', phase = 'Running', containers, metadata, spec }: TestPod): Json {
  const of = (list: TestContainer['list']): readonly TestContainer[] => containers.filter((each) => each.list === list);
  const inSpec = (list: TestContainer['list']): readonly Json[] =>
    of(list).map(({ name: container, image, more }) => ({ name: container, image, resources: {}, ...more }));
  const inStatus = (list: TestContainer['list']): readonly Json[] =>
    of(list).map(({ name: container, image, imageId = '' }) => ({ name: container, image, imageID: imageId }));
  return {
    metadata: {
      name,
      uid: `uid-${name}`,
      ...(namespace === undefined ? {} : { namespace }),
      managedFields: [{ manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:status': {} } }],
      ...metadata,
    },
    spec: {
      nodeName: node,
      serviceAccountName: 'default',
      containers: inSpec(undefined),
      initContainers: inSpec('initContainers'),
      ephemeralContainers: inSpec('ephemeralContainers'),
      ...spec,
    },
    status: {
      phase,
      containerStatuses: inStatus(undefined),
      initContainerStatuses: inStatus('initContainers'),
      ephemeralContainerStatuses: inStatus('ephemeralContainers'),
    },
  };
}

/** What makes Pods: a Deployment, a ReplicaSet and so on. */
export function controllerOf(
  name: string,
  images: Readonly<Record<string, string>>,
  {
    namespace,
    metadata,
    spec,
    podSpec,
  }: Readonly<Partial<Record<'metadata' | 'spec' | 'podSpec', Json>>> & {
    readonly namespace?: string;
  } = {},
): Json {
  const containers = Object.entries(images).map(([container, image]) => ({ name: container, image }));
  return {
    metadata: { name, uid: `uid-${name}`, ...(namespace === undefined ? {} : { namespace }), ...metadata },
    spec: { replicas: 1, template: { metadata: {}, spec: { containers, ...podSpec } }, ...spec },
  };
}
