import { printableJson } from '../../base/printable-json.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { familiarRepository, parseReference } from '../../oci/reference.ts';
import { formatPackageUrl } from '../../package/package-url.ts';
import { uuidOfContent } from '../../sbom/uuid.ts';
import type { ClusterInventory, ClusterNode, Workload } from '../model.ts';
import { type RunningImage, runningImages } from '../running-images.ts';
import { workloadKey } from '../scan/image-ways.ts';
import type { ClusterReport } from './model.ts';

interface Component {
  readonly type: 'application' | 'container' | 'operating-system' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly components?: readonly Component[];
}

const clusterRef = 'cluster';

/** What runs a cluster, as kubeadm names its containers (Kubernetes, "Kubernetes Components"); Trivy's names for what they are. */
const controlPlane: ReadonlyMap<string, string> = new Map([
  ['kube-apiserver', 'k8s.io/apiserver'],
  ['kube-controller-manager', 'k8s.io/controller-manager'],
  ['kube-scheduler', 'k8s.io/kube-scheduler'],
  ['kube-proxy', 'k8s.io/kube-proxy'],
  ['etcd', 'go.etcd.io/etcd/v3'],
]);

/**
 * What a cluster is made of, as CycloneDX 1.6 (ECMA-424): the cluster, what runs it, its nodes with kubelet, runtime, system and kernel, and
 * the workloads with their images by digest. What depends on what: the cluster on nodes, what runs it, and workloads; these on images.
 * What could not be listed is told as such: then it is a list of which it is known that it is incomplete.
 */
export async function* renderKbom({ inventory, createdAt }: ClusterReport, version: string): AsyncGenerator<string> {
  const images = runningImages(inventory);
  const plane = controlPlaneOf(inventory);
  const nodes = inventory.nodes.map(nodeComponent);
  const workloads = inventory.workloads.map(workloadComponent);
  const components = [...plane, ...nodes, ...workloads, ...images.map(imageComponent)];
  const isPart = inventory.gaps.length > 0;
  yield await Promise.resolve(
    `${printableJson({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${uuidOfContent(JSON.stringify([createdAt, inventory]))}`,
      version: 1,
      metadata: {
        timestamp: createdAt,
        lifecycles: [{ phase: 'operations' }],
        tools: { components: [{ type: 'application', name: 'seaworthy', version }] },
        component: {
          type: 'platform',
          'bom-ref': clusterRef,
          name: inventory.cluster,
          ...versionOf(inventory.version),
        },
        ...(isPart
          ? {
              properties: inventory.gaps.map(({ kind, namespace, message }) => ({
                name: 'seaworthy:gap',
                value: `${kind}${namespace === undefined ? '' : ` in ${namespace}`}: ${message}`,
              })),
            }
          : {}),
      },
      components,
      dependencies: dependenciesOf(inventory, plane, nodes, images),
      compositions: [{ aggregate: isPart ? 'incomplete' : 'complete', assemblies: [clusterRef] }],
    })}\n`,
  );
}

function dependenciesOf(
  { workloads }: ClusterInventory,
  plane: readonly Component[],
  nodes: readonly Component[],
  images: readonly RunningImage[],
): readonly { readonly ref: string; readonly dependsOn: readonly string[] }[] {
  const used = new Map<string, string[]>();
  for (const image of images) {
    for (const user of image.users) {
      const key = workloadKey(user);
      const refs = used.get(key) ?? [];
      const ref = imageRef(image);
      if (!refs.includes(ref)) refs.push(ref);
      used.set(key, refs);
    }
  }
  const refs = [...plane, ...nodes].map((component) => component['bom-ref']);
  return [
    { ref: clusterRef, dependsOn: [...new Set([...refs, ...workloads.map(workloadRef)])].sort() },
    ...nodes.map((node) => ({
      ref: node['bom-ref'],
      dependsOn: (node.components ?? []).map((component) => component['bom-ref']),
    })),
    ...workloads.map((workload) => ({
      ref: workloadRef(workload),
      dependsOn: (used.get(workloadKey(workload)) ?? []).sort(),
    })),
  ];
}

/** What runs the cluster, as far as its containers or the API server tell; each version once. */
function controlPlaneOf({ version, workloads }: ClusterInventory): readonly Component[] {
  const found = new Map<string, Component>();
  const add = (name: string, told: string | undefined): void => {
    const plain = told?.replace(/^v(?=\d)/, '');
    const ref = `control-plane/${name}/${plain ?? ''}`;
    found.set(ref, {
      type: 'application',
      'bom-ref': ref,
      name,
      ...versionOf(plain),
      ...(plain === undefined ? {} : { purl: kubernetesPurl(name, plain) }),
      properties: [{ name: 'seaworthy:component', value: 'control-plane' }],
    });
  };
  if (version !== undefined) add('k8s.io/apiserver', version);
  for (const { namespace, images } of workloads) {
    if (namespace !== 'kube-system') continue;
    for (const { container, image } of images) {
      const name = controlPlane.get(container);
      // The API server says itself what it is.
      if (name === undefined || (name === 'k8s.io/apiserver' && version !== undefined)) continue;
      add(name, tagOf(image));
    }
  }
  return [...found.values()].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
}

function nodeComponent(node: ClusterNode): Component {
  const ref = `node/${node.name}`;
  const [runtime = '', runtimeVersion] = node.runtime.split('://');
  const kubelet = node.kubelet.replace(/^v(?=\d)/, '');
  const parts: readonly (Component | false)[] = [
    node.osImage !== '' && { type: 'operating-system', 'bom-ref': `${ref}/os`, name: node.osImage },
    node.kernel !== '' && {
      type: 'operating-system',
      'bom-ref': `${ref}/kernel`,
      name: 'kernel',
      version: node.kernel,
    },
    kubelet !== '' && {
      type: 'application',
      'bom-ref': `${ref}/kubelet`,
      name: 'k8s.io/kubelet',
      version: kubelet,
      purl: kubernetesPurl('k8s.io/kubelet', kubelet),
    },
    runtime !== '' && {
      type: 'application',
      'bom-ref': `${ref}/runtime`,
      name: runtimeNames.get(runtime) ?? runtime,
      ...versionOf(runtimeVersion),
    },
  ];
  return {
    type: 'platform',
    'bom-ref': ref,
    name: node.name,
    properties: [
      { name: 'seaworthy:component', value: 'node' },
      ...(node.os === '' ? [] : [{ name: 'seaworthy:platform', value: `${node.os}/${node.architecture}` }]),
    ],
    components: parts.filter((part) => part !== false),
  };
}

/** By the names that kubelets write (CRI, `RuntimeName`): where the programs come from. */
const runtimeNames: ReadonlyMap<string, string> = new Map([
  ['containerd', 'github.com/containerd/containerd'],
  ['cri-o', 'github.com/cri-o/cri-o'],
  ['docker', 'github.com/moby/moby'],
]);

function workloadComponent(workload: Workload): Component {
  const { namespace, group, kind, name } = workload;
  return {
    type: 'application',
    'bom-ref': workloadRef(workload),
    name,
    properties: [
      { name: 'seaworthy:component', value: 'workload' },
      { name: 'seaworthy:namespace', value: namespace },
      { name: 'seaworthy:kind', value: group === '' ? kind : `${kind}.${group}` },
    ],
  };
}

function imageComponent(image: RunningImage): Component {
  const { images, digest, platforms } = image;
  const name = images[0] ?? '';
  return {
    type: 'container',
    'bom-ref': imageRef(image),
    name,
    ...versionOf(digest ?? tagOf(name)),
    ...purlOf(image),
    properties: [
      { name: 'seaworthy:component', value: 'image' },
      ...images.slice(1).map((value) => ({ name: 'seaworthy:name', value })),
      ...platforms.map((value) => ({ name: 'seaworthy:platform', value })),
    ],
  };
}

function purlOf({ images, digest }: RunningImage): { readonly purl?: string } {
  if (digest === undefined) return {};
  for (const text of images) {
    try {
      const repository = familiarRepository(parseReference(text));
      const name = repository.slice(repository.lastIndexOf('/') + 1);
      return {
        purl: formatPackageUrl({ type: 'oci', name, version: digest, qualifiers: { repository_url: repository } }),
      };
    } catch (error) {
      if (!isSeaworthyError(error)) throw error;
    }
  }
  return {};
}

function imageRef({ digest, images }: RunningImage): string {
  return digest === undefined ? `image/${images[0] ?? ''}` : `image/${digest}`;
}

function workloadRef({ namespace, group, kind, name }: Workload): string {
  return `workload/${namespace}/${group}/${kind}/${name}`;
}

function tagOf(image: string): string | undefined {
  return /:([\w][\w.-]*)(?:@.*)?$/.exec(image)?.[1];
}

function kubernetesPurl(name: string, version: string): string {
  return `pkg:k8s/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
}

function versionOf(version: string | undefined): { readonly version?: string } {
  return version === undefined || version === '' ? {} : { version };
}
