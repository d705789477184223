import { z } from 'zod';
import { labelSelector } from '../../kyverno/document/match/schema.ts';
import type { MatchConstraints, ResourceRuleFilter } from './model.ts';

const texts = z.array(z.string()).exactOptional();

const filter: z.ZodType<ResourceRuleFilter> = z.strictObject({
  resourceNames: texts,
  operations: z.array(z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT', '*'])).exactOptional(),
  apiGroups: texts,
  apiVersions: texts,
  resources: texts,
  scope: z.enum(['*', 'Cluster', 'Namespaced']).exactOptional(),
});

/** Which requests a policy is about. */
export const matchConstraintsSchema: z.ZodType<MatchConstraints> = z.strictObject({
  resourceRules: z.array(filter).exactOptional(),
  excludeResourceRules: z.array(filter).exactOptional(),
  namespaceSelector: labelSelector.exactOptional(),
  objectSelector: labelSelector.exactOptional(),
  matchPolicy: z.enum(['Exact', 'Equivalent']).exactOptional(),
});
