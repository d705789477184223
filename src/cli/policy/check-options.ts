/** How images are judged, as the command line says. */
export interface CheckOptions {
  readonly policies: readonly string[];
  /** Of the Pod that policies about objects are asked about. */
  readonly namespace: string;
  /** What an image that is in no registry is called. */
  readonly as?: string;
  readonly kyvernoExact: boolean;
  /** The registry of names without a host. */
  readonly defaultRegistry?: string;
  /** The namespace whose exceptions from Kyverno's policies count; none do without it. */
  readonly exceptionNamespace?: string;
  readonly format: 'table' | 'json';
  /** Standard output when left out. */
  readonly output?: string;
}
