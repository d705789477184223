import { z } from 'zod';
import { texts } from '../conditions/schema.ts';
import type { LabelSelector, MatchBlock, ResourceFilter } from './model.ts';

/** Labels that objects must have. */
export const labelSelector: z.ZodType<LabelSelector> = z.strictObject({
  matchLabels: texts.exactOptional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).exactOptional(),
      }),
    )
    .exactOptional(),
});

const filter = {
  resources: z
    .strictObject({
      kinds: z.array(z.string().min(1)).exactOptional(),
      name: z.string().exactOptional(),
      names: z.array(z.string()).exactOptional(),
      namespaces: z.array(z.string()).exactOptional(),
      annotations: texts.exactOptional(),
      selector: labelSelector.exactOptional(),
      namespaceSelector: labelSelector.exactOptional(),
      operations: z.array(z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT'])).exactOptional(),
    })
    .exactOptional(),
  roles: z.array(z.string()).exactOptional(),
  clusterRoles: z.array(z.string()).exactOptional(),
  subjects: z
    .array(
      z.strictObject({
        kind: z.string(),
        name: z.string(),
        namespace: z.string().exactOptional(),
        apiGroup: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
};

const resourceFilter: z.ZodType<ResourceFilter> = z.strictObject(filter);

/** Which objects a rule is about. */
export const matchBlock: z.ZodType<MatchBlock> = z.strictObject({
  any: z.array(resourceFilter).exactOptional(),
  all: z.array(resourceFilter).exactOptional(),
  ...filter,
});
