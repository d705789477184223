import type { Finding, Route } from '../endpoint.ts';
import type { NodeFiles } from '../node/node-files.ts';

/** Runtimes whose rules are known, in the order in which they are looked at. */
export const runtimeNames = ['containerd', 'crio', 'k3s', 'rke2', 'talos', 'docker', 'buildkit'] as const;

/** One of {@link runtimeNames}. */
export type RuntimeName = (typeof runtimeNames)[number];

/** What a node's files say about one runtime. */
export interface RuntimeReading {
  /** Files that were read and count, in the order in which they do. */
  readonly files: readonly string[];
  /** What is about the runtime rather than about the images of one host. */
  readonly findings: readonly Finding[];
  /** Image hosts, and prefixes of names, that the files name. */
  readonly named: readonly string[];
  /** The way of images of a host, or of names below a prefix. */
  resolve(image: string): Promise<Route>;
}

/** A model of a runtime: what it does with its files. */
export interface RuntimeModel {
  readonly name: RuntimeName;
  /** Undefined where none of its files are there. */
  read(files: NodeFiles): Promise<RuntimeReading | undefined>;
}

/** The host of an image name or prefix. */
export function imageHostOf(image: string): string {
  return image.split('/', 1)[0] as string;
}
