import type { LintCheck } from '../model.ts';
import { has, select } from '../select.ts';

/** What only tells reports keeps nothing out. */
export const neverDenies: LintCheck = {
  id: 'never-denies',
  severity: 'note',
  about: 'What verifies images denies nothing when they fail',
  find({ form, value }) {
    const at = (path: readonly string[], what: string) => [
      { path, sentence: `${what}, so that images that fail run all the same; let it deny once reports are clean` },
    ];
    const isEnforce = (given: unknown): boolean => typeof given === 'string' && given.toLowerCase() === 'enforce';
    if (form === 'kyverno') {
      const entries = select(value, 'spec.rules[].verifyImages[]');
      if (entries.length === 0) return [];
      const actions = [
        'spec.validationFailureAction',
        'spec.rules[].verifyImages[].failureAction',
        'spec.validationFailureActionOverrides[].action',
      ];
      const denies = actions.some((way) => select(value, way).some((each) => isEnforce(each.value)));
      return denies ? [] : at(['spec', 'validationFailureAction'], 'only audits');
    }
    if (form === 'kyvernoCel') {
      const actions = select(value, 'spec.validationActions[]').map((each) => each.value);
      return actions.length === 0 || actions.includes('Deny') ? [] : at(['spec', 'validationActions'], 'has no Deny');
    }
    if (form === 'policyController') {
      return select(value, 'spec.mode').some((each) => each.value === 'warn') ? at(['spec', 'mode'], 'only warns') : [];
    }
    if (form !== 'seaworthy' || !(has(value, 'spec.signatures') || has(value, 'spec.attestations'))) return [];
    return select(value, 'spec.enforcement').flatMap((each) =>
      each.value === 'warn' || each.value === 'audit' ? at(['spec', 'enforcement'], `is ${each.value}`) : [],
    );
  },
};
