import { isDeepStrictEqual } from 'node:util';
import type { LintCheck } from '../model.ts';
import { covers, imagePatternsOf } from '../patterns.ts';
import { has, select } from '../select.ts';

/** With `applyRules: One`, rules after the first that is about an object are not asked. */
export const ruleShadowed: LintCheck = {
  id: 'rule-shadowed',
  severity: 'error',
  about: 'A rule before it is about all that a rule is about, and applyRules: One asks no further one',
  find(document) {
    const { form, value } = document;
    if (form !== 'kyverno' || !select(value, 'spec.applyRules').some((each) => each.value === 'One')) return [];
    const patterns = imagePatternsOf(document).filter(({ use }) => use === 'checked');
    const rules = select(value, 'spec.rules[]').map((rule) => ({
      ...rule,
      match: select(rule.value, 'match')[0]?.value,
      isWhole: !has(rule.value, 'exclude') && !has(rule.value, 'preconditions') && !has(rule.value, 'celPreconditions'),
      images: patterns.filter(({ path }) => path[2] === rule.path[2]),
    }));
    return rules.flatMap((rule, at) => {
      const before = rules.slice(0, at).find(
        (each) =>
          each.isWhole &&
          isDeepStrictEqual(each.match, rule.match) &&
          // A rule that is about none of the images is not the one.
          (each.images.length === 0 ||
            (rule.images.length > 0 &&
              rule.images.every((narrow) => each.images.some((wide) => covers(wide, narrow))))),
      );
      if (before === undefined) return [];
      const place = `spec.rules[${String(before.path[2])}]`;
      return [
        {
          path: rule.path,
          sentence: `is never asked, since ${place} is about the same before it; set applyRules: All`,
        },
      ];
    });
  },
};
