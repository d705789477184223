import type { LintCheck, LintForm } from '../model.ts';
import { has, select } from '../select.ts';

const ways: Partial<Readonly<Record<LintForm, readonly [way: string, condition: string]>>> = {
  kyverno: ['spec.rules[].verifyImages[].attestations[]', 'conditions[]'],
  policyController: ['spec.authorities[].attestations[]', 'policy'],
  seaworthy: ['spec.attestations[]', 'condition'],
};

/** A report of a scan that found everything is a report too. */
export const attestationUnconditional: LintCheck = {
  id: 'attestation-unconditional',
  severity: 'note',
  about: 'A statement must be there, whatever it states',
  find({ form, value }) {
    const [way, condition] = ways[form] ?? [];
    if (way === undefined || condition === undefined) return [];
    return select(value, way).flatMap(({ path, value: statement }) => {
      const isUsed =
        has(statement, condition) || has(statement, 'conditions') || (form === 'kyverno' && has(statement, 'name'));
      const sentence = 'asks only that the statement is there; say what it must state';
      return isUsed ? [] : [{ path, sentence }];
    });
  },
};
