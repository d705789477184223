import type { LintCheck } from '../model.ts';
import { select } from '../select.ts';

/** What verifies is asked for what it found by another one, and `required` is that it was asked at all. */
export const notRequired: LintCheck = {
  id: 'not-required',
  severity: 'warning',
  about: 'An image that nobody verified passes',
  find({ form, value }) {
    const way = {
      kyverno: 'spec.rules[].verifyImages[].required',
      kyvernoCel: 'spec.validationConfigurations.required',
    }[form as string];
    if (way === undefined) return [];
    return select(value, way)
      .filter((each) => each.value === false)
      .map(({ path }) => ({ path, sentence: 'is false, so that an image that nobody verified passes; leave it out' }));
  },
};
