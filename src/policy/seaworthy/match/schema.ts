import { z } from 'zod';
import { compilePattern } from '../../../base/name-pattern.ts';
import { isSeaworthyError } from '../../../base/error.ts';
import { duration, judged, listOf, text, word } from '../../../codec/yaml/schema.ts';
import { policyLimits } from '../../limits.ts';
import type { ClusterMatch, LabelRequirement, NamespaceSelector } from '../model.ts';
import { kindNames } from '../workload-kinds.ts';

const namespace = judged((given) => {
  if (!/^[a-z0-9*?[\]{},!-]{1,253}$/.test(given)) return 'namespaces have small letters, digits and - alone';
  try {
    compilePattern(given);
    return undefined;
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return error.message;
  }
});

const labelName = text('label', /^[A-Za-z0-9][\w./-]{0,316}$/, 'the name of a label');
const labelValue = z.string().max(63).meta({ type: 'string' });

const requirement: z.ZodType<LabelRequirement> = z
  .strictObject({
    key: labelName.describe('name of a label'),
    operator: word(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('`In`, `NotIn`, `Exists`, `DoesNotExist`'),
    values: listOf(labelValue, 1).exactOptional().describe('values, with `In` and `NotIn`'),
  })
  .refine(({ operator, values }) => (operator === 'In' || operator === 'NotIn') === (values !== undefined), {
    error: 'takes values with In and NotIn, and with nothing else',
  });

/** Kubernetes evaluates them, in its own dialect, so that only their form is looked at (`matchConditions`: 64 at most). */
const condition = z.strictObject({
  name: text('name', /^[A-Za-z0-9](?:[\w./-]{0,251}[A-Za-z0-9])?$/, 'a name of letters, digits and . _ - /').describe(
    'name that the API server tells',
  ),
  expression: z
    .string()
    .min(1)
    .max(policyLimits.condition)
    .meta({ type: 'string' })
    .describe('over `object`, `oldObject`, `request` and `authorizer`'),
});

const operation = word(['CREATE', 'UPDATE']);

const namespaceSelector: z.ZodType<NamespaceSelector> = z.strictObject({
  matchLabels: z.record(labelName, labelValue).exactOptional().describe('labels that it must have'),
  matchExpressions: listOf(requirement, 1).exactOptional().describe('what must be true of its labels'),
});

/** Which objects of a cluster a policy is about. */
export const clusterMatch: z.ZodType<ClusterMatch> = z.strictObject({
  namespaces: listOf(namespace, 1).exactOptional().describe('patterns of namespaces (default: all)'),
  exceptNamespaces: listOf(namespace, 1).exactOptional().describe('patterns of namespaces that it is not about'),
  namespaceSelector: namespaceSelector.exactOptional().describe('labels that their namespaces must have'),
  kinds: listOf(word(kindNames), 1)
    .exactOptional()
    .describe(`kinds: ${kindNames.map((kind) => `\`${kind}\``).join(', ')} (default: all of these)`),
  operations: listOf(operation, 1)
    .exactOptional()
    .describe('what must be done to them: `CREATE`, `UPDATE` (default: either)'),
  timeout: duration(1000, 30_000)
    .exactOptional()
    .describe("how long the API server waits for an answer, up to `30s` (default: the webhook's)"),
  conditions: listOf(condition, 1, 64)
    .exactOptional()
    .describe('what must be true for the API server to ask at all, in CEL of Kubernetes'),
});
