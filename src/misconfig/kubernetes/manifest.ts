import type { LineRange } from '../../finding/misconfiguration.ts';
import type { PlacedMap } from './yaml/node.ts';

/** An object of Kubernetes as a file has it: nothing of it was checked but that it says what it is. */
export interface Manifest {
  /** `apps/v1`. */
  readonly apiVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  /** Empty where it has none, as what is sent with `generateName`. */
  readonly name: string;
  /** Absent where it names none: whoever applies it says where it goes then. */
  readonly namespace?: string;
  readonly root: PlacedMap;
  readonly lines: LineRange;
  /** `Deployment shop/web`, safe to print. */
  readonly resource: string;
  /** What it makes Pods of, where it is of a kind that does. */
  readonly pod?: PodTemplate;
}

/** A Pod, or what one is made of. */
export interface PodTemplate {
  readonly spec: PlacedMap;
  /** Of the Pod, where it has any: of the template and not of what has the template. */
  readonly metadata?: PlacedMap;
  readonly containers: readonly Container[];
}

/** A container of any of the lists of a Pod. */
export interface Container {
  readonly list: 'containers' | 'initContainers' | 'ephemeralContainers';
  /** Its number in its list where it has no name. */
  readonly name: string;
  readonly node: PlacedMap;
  /** The Pod's, which a container has a part of its security context from. */
  readonly podSpec: PlacedMap;
  /** `Deployment shop/web, container app`, safe to print. */
  readonly resource: string;
}
