import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { LintCheck, Placed } from '../model.ts';
import { has, select } from '../select.ts';

/** A rule that is about nothing looks as if it kept something out. */
export const neverAbout: LintCheck = {
  id: 'never-about',
  severity: 'error',
  about: 'A rule is about no object, or about no operation by which images come',
  find({ form, value }) {
    if (form !== 'kyverno') return [];
    return select(value, 'spec.rules[]').flatMap((rule) => {
      const operations = ['match', 'match.any[]', 'match.all[]'].flatMap((way) =>
        select(rule.value, `${way}.resources.operations`, rule.path),
      );
      const verifies = has(rule.value, 'verifyImages');
      const gone = verifies && operations.length > 0 && operations.every(isOfNoImages) ? operations.slice(0, 1) : [];
      const excluded = select(rule.value, 'exclude.any[]', rule.path).filter((each) => isEverything(each.value));
      return [
        ...gone.map(({ path }) => ({ path, sentence: 'names nothing by which images come; write CREATE and UPDATE' })),
        ...excluded.map(({ path }) => ({ path, sentence: 'leaves out everything, so that the rule is about nothing' })),
      ];
    });
  },
};

function isOfNoImages({ value }: Placed<JsonValue>): boolean {
  return Array.isArray(value) && value.length > 0 && !value.includes('CREATE') && !value.includes('UPDATE');
}

/** Whatever kind and whatever namespace, and nothing else is asked of it. */
function isEverything(filter: JsonValue): boolean {
  const members = Object.entries((select(filter, 'resources')[0]?.value ?? {}) as object);
  const isOnly = filter !== null && typeof filter === 'object' && Object.keys(filter).length === 1;
  if (!isOnly || members.length === 0) return false;
  const all: Readonly<Record<string, readonly string[]>> = { kinds: ['*', '*/*'], namespaces: ['*'], names: ['*'] };
  return members.every(
    ([name, value]) => Array.isArray(value) && value.some((each) => all[name]?.includes(each as string) === true),
  );
}
