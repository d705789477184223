import type { LintCheck } from '../model.ts';
import { has, select } from '../select.ts';

/** Whoever can make a registry slow, or the gate busy, gets past it then. */
export const failsOpen: LintCheck = {
  id: 'fails-open',
  severity: 'warning',
  about: 'Images pass where they cannot be verified',
  find({ form, value }) {
    const verifies =
      form === 'kyvernoCel' ||
      (form === 'kyverno' && has(value, 'spec.rules[].verifyImages[]')) ||
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
          'lets images pass that cannot be verified, and whoever makes the gate or a registry slow with them; leave it out',
      }));
  },
};
