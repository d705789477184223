import type { RbacRule } from '../kubernetes/rbac-rule.ts';
import type { Digest } from '../oci/digest.ts';

/** What a cluster runs: plain data that can be written as JSON, in an order that is the same each time. */
export interface ClusterInventory {
  /** The name of its context, or of where it was found. */
  readonly cluster: string;
  /** Of its API server: `v1.34.1`. Absent where it was not told. */
  readonly version?: string;
  /** When it was listed, RFC 3339. */
  readonly listedAt: string;
  readonly nodes: readonly ClusterNode[];
  /** Those that were selected. */
  readonly namespaces: readonly ClusterNamespace[];
  readonly workloads: readonly Workload[];
  /** How many there are of other kinds that were asked for. */
  readonly counts: readonly KindCount[];
  /** What could not be looked at: silence about it says nothing. */
  readonly gaps: readonly Gap[];
}

/** A machine of the cluster (Kubernetes API, NodeSystemInfo). Texts are empty where it does not tell. */
export interface ClusterNode {
  readonly name: string;
  readonly kubelet: string;
  /** `containerd://2.1.4` */
  readonly runtime: string;
  readonly osImage: string;
  readonly kernel: string;
  readonly os: string;
  readonly architecture: string;
  readonly labels: Labels;
}

/** A namespace of the cluster. */
export interface ClusterNamespace {
  readonly name: string;
  readonly labels: Labels;
}

/** Labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** What an object is called. */
export interface ObjectName {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * What makes Pods run: the controller at the top of those that are made for another one. That is a Deployment and not its ReplicaSets and
 * Pods, a CronJob and not its Jobs, and where a custom resource makes Pods, ReplicaSets or Jobs, that resource. Static Pods are those of
 * their Node, and a Pod that nobody controls is a workload itself.
 */
export interface Workload extends ObjectName {
  /** Of its Pods. */
  readonly namespace: string;
  readonly uid: string;
  /** Empty where the object itself was not listed. */
  readonly labels: Labels;
  /** RFC 3339; absent where the object itself was not listed. */
  readonly created?: string;
  /** Who controls it: for a Deployment, for instance, the custom resource of an operator. */
  readonly owner?: ObjectName;
  /** Pods that it wants; absent where that is not known, or no number. */
  readonly replicas?: number;
  /** Pods that it has now, but for those that ended. */
  readonly pods: number;
  readonly serviceAccount: string;
  /** Names of Secrets in its namespace by which its images are pulled: its own, and those of its service account. */
  readonly pullSecrets: readonly string[];
  readonly images: readonly WorkloadImage[];
  /** Places that should name an image and do not, and what was left out: sentences. */
  readonly unreadable: readonly string[];
}

/** What an image is in a Pod. A sidecar is an init container that goes on running. */
export type ContainerKind = 'container' | 'init' | 'sidecar' | 'ephemeral' | 'volume';

/** An image of a workload: of one container, under one name. During a rollout, a container has several. */
export interface WorkloadImage {
  readonly kind: ContainerKind;
  /** Of the container, or of the volume. */
  readonly container: string;
  /** As it is written. */
  readonly image: string;
  /** Whether Pods that are made from now on have it. Those that somebody adds later, such as a mesh, are of Pods alone. */
  readonly inTemplate: boolean;
  /** The digests that Pods have now. None where no Pod has it: then the name is all that is known. */
  readonly running: readonly RunningDigest[];
  /** Pods that have it and tell no digest of a registry: they did not start yet, or it came from none. */
  readonly undigested: number;
}

/** A digest that runs. */
export interface RunningDigest {
  /** Of an index or of a manifest, as the runtime pulled it. */
  readonly digest: Digest;
  readonly pods: number;
  /** By the nodes that they are on: `linux/amd64`. Those of nodes that are not known are in none. */
  readonly platforms: readonly { readonly platform: string; readonly pods: number }[];
}

/** How many objects there are of a kind. */
export interface KindCount {
  readonly group: string;
  readonly kind: string;
  readonly total: number;
  /** By namespace; empty for kinds without. */
  readonly namespaces: readonly { readonly namespace: string; readonly count: number }[];
}

/** Something that was to be listed and was not. */
export interface Gap {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  /** Where it was not listed; everywhere where it is absent. */
  readonly namespace?: string;
  /** `absent`: the cluster has no such kind, or no such namespace. `failed`: it could not be listed now. */
  readonly reason: 'forbidden' | 'absent' | 'failed';
  /** `workloads`: some of what runs may be missing. `details`: what is listed is whole, and some of what is told of it is missing. */
  readonly loses: 'workloads' | 'details';
  /** A sentence, with what to do. */
  readonly message: string;
  /** What would mend it; absent where rights do not. */
  readonly rule?: RbacRule;
}
