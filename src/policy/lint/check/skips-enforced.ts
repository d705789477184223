import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { LintCheck, LintDocument } from '../model.ts';
import { covers, imagePatternsOf } from '../patterns.ts';
import { select } from '../select.ts';

/** What is left out of a rule that denies runs whoever signed it, and whoever reads the rule sees that last. */
export const skipsEnforced: LintCheck = {
  id: 'skips-enforced',
  severity: 'note',
  about: 'Images are left out of a rule that denies, and no other rule is about them',
  findAcross(documents) {
    const patterns = documents.flatMap((at) => imagePatternsOf(at).map((pattern) => ({ at, pattern })));
    return patterns.flatMap(({ at, pattern }) => {
      if (at.form !== 'kyverno' || !pattern.path.includes('skipImageReferences') || !denies(at, pattern.path))
        return [];
      const own = patterns.filter(({ at: other, pattern: each }) => other === at && each.group === pattern.group);
      // What leaves out everything is told already (`skips-all`).
      if (own.some(({ pattern: each }) => each.use === 'checked' && covers(pattern, each))) return [];
      const isElsewhere = patterns.some(
        ({ at: other, pattern: each }) =>
          each.use === 'checked' && (other !== at || each.group !== pattern.group) && covers(each, pattern),
      );
      if (isElsewhere) return [];
      return [
        { at, path: pattern.path, sentence: 'lets images run that nobody verifies; verify them by another rule' },
      ];
    });
  },
};

/** Kyverno: an entry says it for itself, and else the policy for all. */
function denies({ value }: LintDocument, path: readonly (string | number)[]): boolean {
  const entry = select(value, 'spec.rules[].verifyImages[]').find((each) =>
    each.path.every((part, at) => part === path[at]),
  );
  const own = entry === undefined ? [] : select(entry.value, 'failureAction');
  const said = own.length > 0 ? own : select(value, 'spec.validationFailureAction');
  return said.some((each) => isEnforce(each.value));
}

function isEnforce(value: JsonValue): boolean {
  return typeof value === 'string' && value.toLowerCase() === 'enforce';
}
