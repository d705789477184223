import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { LintCheck, Placed } from '../model.ts';
import { select } from '../select.ts';

/** As Kyverno refuses them ("only select variables are allowed in background mode"). */
const ofUser = /\{\{[^{}]*\b(?:request\.(?:userInfo|roles|clusterRoles)|serviceAccountName(?:space)?)\b[^{}]*\}\}/;

/** What is there already is sent by nobody. */
export const backgroundUser: LintCheck = {
  id: 'background-user',
  severity: 'error',
  about: 'A rule asks who sends an object, and is asked about what is there already, which Kyverno refuses',
  find({ form, value }) {
    if (form !== 'kyverno' || select(value, 'spec.background').some((each) => each.value === false)) return [];
    return select(value, 'spec.rules[]').flatMap((rule) => {
      const first = textsIn(rule, 0).find((each) => ofUser.test(each.value));
      if (first === undefined) return [];
      return [
        {
          path: first.path,
          sentence: 'asks who sends the object, whom nobody is in the background; set spec.background: false',
        },
      ];
    });
  },
};

const deepest = 50;

function textsIn({ path, value }: Placed<JsonValue>, depth: number): readonly Placed<string>[] {
  if (typeof value === 'string') return [{ path, value }];
  if (value === null || typeof value !== 'object' || depth > deepest) return [];
  return Object.entries(value).flatMap(([name, each]) =>
    textsIn({ path: [...path, Array.isArray(value) ? Number(name) : name], value: each }, depth + 1),
  );
}
