import type { CelExpression } from '../../../lang/cel/compile.ts';
import type { CompiledPolicy } from '../../compile.ts';
import type { MatchConstraints } from '../../resource/match-constraints/model.ts';
import type { RegistryAccess } from '../../resource/policy.ts';
import type { Signer } from '../../model.ts';
import type { ImageAttestor } from '../document/image-validating-policy/model.ts';
import type { CompiledException } from '../exception/compile-exception.ts';
import type { PolicyExpressions } from '../expression/policy-expressions.ts';
import type { ReferenceMatcher } from '../images/match-reference.ts';
import type { KyvernoImageSettings } from '../settings.ts';

/** A policy in CEL, for one kind of objects, whose parts are compiled. */
export interface ImageValidationRule {
  readonly name: string;
  readonly action: 'deny' | 'warn' | 'audit';
  /** Of a namespaced policy, which is about its objects alone; undefined for one of the cluster. */
  readonly namespace: string | undefined;
  /** Undefined where it is about any object that it is asked about (`mode: JSON`). */
  readonly constraints: MatchConstraints | undefined;
  readonly expressions: PolicyExpressions;
  readonly matchConditions: readonly CelExpression[];
  readonly variables: readonly NamedCel[];
  readonly extractors: readonly NamedCel[];
  /** All images when empty. */
  readonly references: readonly ReferenceMatcher[];
  readonly attestors: readonly CompiledAttestor[];
  /** Predicate types of attestations, by their names. */
  readonly types: ReadonlyMap<string, string>;
  /** Attestors whose statements are looked into, by names of attestations. */
  readonly payloadSigners: ReadonlyMap<string, readonly string[]>;
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly value: CelExpression }[];
  readonly access: RegistryAccess;
  /** Names of Secrets in the object's namespace. */
  readonly pullSecrets: readonly string[];
  readonly mutateDigest: boolean;
  readonly verifyDigest: boolean;
  readonly required: boolean;
  readonly exceptions: readonly CompiledException[];
  readonly settings: KyvernoImageSettings;
  /** What is asked of an image, by those who sign. @throws PolicyError */
  readonly imagePolicy: (signers: readonly Signer[]) => CompiledPolicy;
}

/** An expression with its name. */
export interface NamedCel {
  readonly name: string;
  readonly value: CelExpression;
}

/** What must be true. */
export interface CompiledValidation {
  readonly holds: CelExpression;
  readonly text: string;
  readonly message: string | undefined;
  readonly told: CelExpression | undefined;
}

/** An attestor, and the signer that it is unless expressions say so first. */
export interface CompiledAttestor {
  readonly attestor: ImageAttestor;
  /** In the order of `expressionsOf`. */
  readonly expressions: readonly CelExpression[];
  /** Undefined where it has expressions. */
  readonly signer: Signer | undefined;
}
