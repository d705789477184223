import { z } from 'zod';
import { conditionBlock, json, texts } from '../conditions/schema.ts';
import { matchBlock } from '../match/schema.ts';
import type { KyvernoException } from './model.ts';

/** A whole exception. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const kyvernoExceptionSchema: z.ZodType<KyvernoException> = z.strictObject({
  apiVersion: z.enum(['kyverno.io/v2', 'kyverno.io/v2beta1']),
  kind: z.literal('PolicyException'),
  metadata: z.object({
    name: z.string().min(1),
    namespace: z.string().exactOptional(),
    labels: texts.exactOptional(),
    annotations: texts.exactOptional(),
  }),
  spec: z.strictObject({
    background: z.boolean().exactOptional(),
    match: matchBlock,
    conditions: conditionBlock.exactOptional(),
    exceptions: z
      .array(
        z.strictObject({
          policyName: z.string().min(1),
          ruleNames: z.array(z.string().min(1)).min(1),
          images: z.array(z.strictObject({ imageReferences: z.array(z.string()).exactOptional() })).exactOptional(),
          values: json.exactOptional(),
          reportAs: json.exactOptional(),
        }),
      )
      .min(1),
    images: z.array(z.string()).exactOptional(),
    podSecurity: json.exactOptional(),
  }),
  status: z.unknown().exactOptional(),
});
