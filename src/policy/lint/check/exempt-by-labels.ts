import type { LintCheck } from '../model.ts';
import { select } from '../select.ts';

/** Whoever makes an object labels it, and so says whether a policy is about it. */
export const exemptByLabels: LintCheck = {
  id: 'exempt-by-labels',
  severity: 'warning',
  about: 'Who makes an object can take it out of a policy by its labels, annotations or name',
  find({ form, value }) {
    const sentence = 'is chosen by whoever makes the object; leave out namespaces or users instead';
    if (form === 'kyverno') {
      const members = ['selector', 'annotations', 'name', 'names'] as const;
      // In what is left out for somebody alone, or in a namespace, it is theirs to choose.
      return ['any[]', 'all[]']
        .flatMap((list) => select(value, `spec.rules[].exclude.${list}`))
        .filter(
          (each) =>
            !['roles', 'clusterRoles', 'subjects', 'resources.namespaces', 'resources.namespaceSelector'].some(
              (way) => select(each.value, way).length > 0,
            ),
        )
        .flatMap((each) => members.flatMap((member) => select(each.value, `resources.${member}`, each.path)))
        .map(({ path }) => ({ path, sentence }));
    }
    if (form !== 'kyvernoCel') return [];
    return select(value, 'spec.matchConstraints.objectSelector')
      .filter((each) => Object.keys(each.value ?? {}).length > 0)
      .map(({ path }) => ({ path, sentence }));
  },
};
