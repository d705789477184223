import type { LintCheck } from '../model.ts';
import { has, select, selectTexts } from '../select.ts';

/** Whoever can make a registry slow, or the gate busy, gets past it then. */
export const failsOpen: LintCheck = {
  id: 'fails-open',
  severity: 'warning',
  about: 'What is to be denied passes where it cannot be judged or verified',
  find({ form, value }) {
    const enforces = [
      'spec.validationFailureAction',
      'spec.rules[].validate.failureAction',
      'spec.validationFailureActionOverrides[].action',
    ].some((way) => selectTexts(value, way).some((each) => each.value.toLowerCase() === 'enforce'));
    const verifies =
      form === 'kyvernoCel' ||
      (form === 'kyverno' && (enforces || has(value, 'spec.rules[].verifyImages[]'))) ||
      (form === 'seaworthy' &&
        (has(value, 'spec.signatures') || has(value, 'spec.attestations') || has(value, 'spec.rules[].signatures')));
    if (!verifies) return [];
    const ways =
      form === 'seaworthy' ? ['spec.unknown'] : ['spec.failurePolicy', 'spec.webhookConfiguration.failurePolicy'];
    return ways
      .flatMap((way) => select(value, way))
      .filter((each) => each.value === 'Ignore' || each.value === 'allow')
      .map(({ path }) => ({
        path,
        sentence:
          'lets pass what cannot be judged or verified, and whoever makes the gate or a registry slow; leave it out',
      }));
  },
};
