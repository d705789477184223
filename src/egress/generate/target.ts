import type { EgressPolicy } from '../policy/model.ts';

/** What configuration can be written for, in the order of the documents. */
export const targetNames = [
  'containerd',
  'crio',
  'k3s',
  'rke2',
  'talos',
  'docker',
  'buildkit',
  'nftables',
  'networkpolicy',
  'cilium',
  'calico',
  'terraform',
] as const;

/** One of {@link targetNames}. */
export type TargetName = (typeof targetNames)[number];

/** A file to be written. */
export interface GeneratedFile {
  /** Where it goes: absolute, as on a node, or a bare name for what is applied by a program. */
  readonly path: string;
  readonly text: string;
  /** It holds a secret: for its owner alone. */
  readonly secret?: true;
  readonly executable?: true;
}

/** What was written for a target. */
export interface Generated {
  readonly files: readonly GeneratedFile[];
  /** What a person has to do, or has to know. Sentences without a full stop. */
  readonly notes: readonly string[];
}

/** What targets are made of. */
export interface GenerateInput {
  readonly policy: EgressPolicy;
  /** The value of the header Authorization, where the policy names one. */
  readonly authorization?: string;
}

/** Something that configuration can be written for. */
export interface Target {
  readonly name: TargetName;
  /** @throws EgressError EGRESS_POLICY_INCOMPLETE */
  generate(input: GenerateInput): Generated;
  /**
   * Reads what was generated as its reader would, and says what is wrong with it. Undefined: it does what the policy says.
   */
  verify(files: readonly GeneratedFile[], policy: EgressPolicy): Promise<string | undefined>;
}
