import { z } from 'zod';
import { json, texts } from '../conditions/schema.ts';
import type { KyvernoGlobalEntry } from './model.ts';

/** A whole entry. What Kubernetes itself writes into `metadata`, and `status`, is passed over. */
export const kyvernoGlobalEntrySchema: z.ZodType<KyvernoGlobalEntry> = z.strictObject({
  apiVersion: z.enum(['kyverno.io/v2', 'kyverno.io/v2beta1', 'kyverno.io/v2alpha1']),
  kind: z.literal('GlobalContextEntry'),
  metadata: z.object({
    name: z.string().min(1),
    namespace: z.string().exactOptional(),
    labels: texts.exactOptional(),
    annotations: texts.exactOptional(),
  }),
  spec: z.strictObject({
    kubernetesResource: z
      .strictObject({
        group: z.string().exactOptional(),
        version: z.string().min(1),
        resource: z.string().min(1),
        namespace: z.string().exactOptional(),
      })
      .exactOptional(),
    apiCall: z
      .strictObject({
        urlPath: z.string().exactOptional(),
        method: z.enum(['GET', 'POST']).exactOptional(),
        data: z.array(z.strictObject({ key: z.string().min(1), value: json })).exactOptional(),
        service: json.exactOptional(),
        refreshInterval: z.string().exactOptional(),
        retryLimit: z.number().int().min(1).exactOptional(),
      })
      .exactOptional(),
    projections: z
      .array(z.strictObject({ name: z.string().min(1), jmesPath: z.string().min(1) }))
      .max(100)
      .exactOptional(),
  }),
  status: z.unknown().exactOptional(),
});
