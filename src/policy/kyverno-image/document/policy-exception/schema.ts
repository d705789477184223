import { z } from 'zod';
import { kyvernoImageLimits } from '../../limits.ts';
import type { CelPolicyException } from './model.ts';

const { entries, matchConditions } = kyvernoImageLimits;

/** A whole exception. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const celPolicyExceptionSchema: z.ZodType<CelPolicyException> = z.strictObject({
  apiVersion: z.enum(['policies.kyverno.io/v1', 'policies.kyverno.io/v1beta1', 'policies.kyverno.io/v1alpha1']),
  kind: z.literal('PolicyException'),
  metadata: z.object({ name: z.string().min(1), namespace: z.string().exactOptional() }),
  spec: z.strictObject({
    policyRefs: z.array(z.strictObject({ name: z.string().min(1), kind: z.string().min(1) })).min(1),
    matchConditions: z
      .array(z.strictObject({ name: z.string(), expression: z.string() }))
      .max(matchConditions)
      .exactOptional(),
    images: z.array(z.string()).max(entries).exactOptional(),
    allowedValues: z.array(z.string()).max(entries).exactOptional(),
    reportResult: z.enum(['skip', 'pass']).exactOptional(),
    expiresAt: z.string().exactOptional(),
    properties: z.record(z.string(), z.string()).exactOptional(),
    evaluationMode: z.string().exactOptional(),
  }),
  status: z.unknown().exactOptional(),
});
