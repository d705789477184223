import type { NamedExpression } from '../image-validating-policy/model.ts';

/** An exception from policies in CEL, as it is written (policies.kyverno.io, `PolicyException`). */
export interface CelPolicyException {
  readonly apiVersion: string;
  readonly kind: 'PolicyException';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: {
    readonly policyRefs: readonly { readonly name: string; readonly kind: string }[];
    readonly matchConditions?: readonly NamedExpression[];
    /** Only these images of such objects; patterns. */
    readonly images?: readonly string[];
    /** Values for expressions of the policy, and no exception by themselves. */
    readonly allowedValues?: readonly string[];
    readonly reportResult?: 'skip' | 'pass';
    /** RFC 3339; from then on there is no exception. */
    readonly expiresAt?: string;
    /** For people. */
    readonly properties?: Readonly<Record<string, string>>;
    readonly evaluationMode?: string;
  };
}
