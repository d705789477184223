import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { ExpressionRule, NamedStatement } from '../../model.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';
import { blocksOf, kyvernoCondition } from './condition-blocks.ts';
import type { Translation } from './translation.ts';

/** What `validate` denies, with the statements that it may use by their names. @param path of the entry */
export function validationRuleOf(
  { validate }: KyvernoVerification,
  statements: Readonly<Record<string, NamedStatement>>,
  path: ConfigPath,
  translation: Translation,
): ExpressionRule | undefined {
  if (validate === undefined) return undefined;
  if (validate.deny === undefined) {
    translation.mistakes.push({
      path: [...path, 'validate'],
      sentence: 'has no deny, so that it says nothing; write one',
    });
    return undefined;
  }
  const blocks = blocksOf(validate.deny.conditions ?? []);
  return {
    action: 'deny',
    kind: 'expression',
    name: '.validate',
    // Without conditions, it denies always.
    condition:
      blocks.length === 0 ? { cel: 'false' } : { ...kyvernoCondition(blocks, translation.style), denies: true },
    ...(Object.keys(statements).length === 0 ? {} : { statements }),
  };
}
