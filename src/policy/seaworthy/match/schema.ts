import { z } from 'zod';
import { compilePattern } from '../../../base/name-pattern.ts';
import { isSeaworthyError } from '../../../base/error.ts';
import { judged, listOf, text, word } from '../../../codec/yaml/schema.ts';
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
});
