import { z } from 'zod';
import { isSeaworthyError } from '../../../base/error.ts';
import { compilePattern } from '../../../base/name-pattern.ts';
import { judged, listOf, text, word } from '../../../codec/yaml/schema.ts';
import type { LabelRequirement, NamespaceSelector, ObjectFilter } from './model.ts';

/** A pattern of names. @param wrong what to say of one with other letters */
function patternOf(letters: RegExp, wrong: string): z.ZodType<string> {
  return judged((given) => {
    if (!letters.test(given)) return wrong;
    try {
      compilePattern(given);
      return undefined;
    } catch (error) {
      if (!isSeaworthyError(error)) throw error;
      return error.message;
    }
  });
}

/** A pattern of namespaces. */
export const namespacePattern: z.ZodType<string> = patternOf(
  /^[a-z0-9*?[\]{},!-]{1,253}$/,
  'namespaces have small letters, digits and - alone',
);

const namePattern = patternOf(/^[a-z0-9.*?[\]{},!-]{1,253}$/, 'names have small letters, digits, - and . alone');

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

/** Labels that namespaces must have. */
export const namespaceSelector: z.ZodType<NamespaceSelector> = z.strictObject({
  matchLabels: z.record(labelName, labelValue).exactOptional().describe('labels that it must have'),
  matchExpressions: listOf(requirement, 1).exactOptional().describe('what must be true of its labels'),
});

/** What is done to objects. */
export const operations: z.ZodType<NonNullable<ObjectFilter['operations']>> = listOf(
  word(['CREATE', 'UPDATE', 'DELETE']),
  1,
);

/** The name of a kind, of whatever group. */
export const kindName: z.ZodType<string> = text('kind', /^[A-Z][A-Za-z0-9]{0,62}$/, 'the name of a kind, such as Pod');

const members = {
  namespaces: listOf(namespacePattern, 1).exactOptional().describe('patterns of their namespaces (default: all)'),
  namespaceSelector: namespaceSelector.exactOptional().describe('labels that their namespaces must have'),
  kinds: listOf(kindName, 1).exactOptional().describe('their kinds (default: all)'),
  operations: operations.exactOptional().describe('what is done to them: `CREATE`, `UPDATE`, `DELETE` (default: any)'),
};

/** A selector that asks for no label is about every namespace, as if it were not there. */
function isSomething({ namespaceSelector: labels, ...others }: ObjectFilter): boolean {
  const { matchLabels = {}, matchExpressions = [] } = labels ?? {};
  return Object.keys(others).length + Object.keys(matchLabels).length + matchExpressions.length > 0;
}

const nothing = { error: 'says nothing, and would be about everything; add namespaces, kinds or others' };

/** Objects by where they are and what they are, and by nothing that whoever makes them chooses freely. */
export const placedObjects: z.ZodType<ObjectFilter> = z.strictObject(members).refine(isSomething, nothing);

/** Objects, by their names as well. */
export const namedObjects: z.ZodType<ObjectFilter> = z
  .strictObject({ ...members, names: listOf(namePattern, 1).exactOptional().describe('patterns of their names') })
  .refine(isSomething, nothing);
