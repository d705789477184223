import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { autogenForms } from '../../kyverno-image/autogen/controllers.ts';
import type { ImageValidatingSpec } from '../../kyverno-image/document/image-validating-policy/model.ts';
import { matchConstraints } from '../../resource/match-constraints/match.ts';
import type { MatchConstraints } from '../../resource/match-constraints/model.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { ClusterMatch } from '../../seaworthy/model.ts';
import { kindNames, kindOfName } from '../../seaworthy/workload-kinds.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

const operations = ['CREATE', 'UPDATE'] as const;

/** Which objects a policy is about, with what it is extended to: a match for each set of operations. Paths begin at the document. */
export function matchesOf(
  spec: ImageValidatingSpec,
  namespace: string | undefined,
  tell: Tell,
): readonly ClusterMatch[] {
  const { matchConstraints: constraints = {} } = spec;
  refuse(constraints, tell);
  const { namespaceSelector } = constraints;
  const forms = [constraints, ...autogenForms(spec).map((form) => form.constraints)].map(plain);
  const byOperations = new Map<string, string[]>();
  for (const kind of kindNames) {
    const done = operations.filter((operation) =>
      forms.some((form) => matchConstraints(form, subjectOf(kind, operation), undefined) === 'yes'),
    );
    if (done.length > 0) byOperations.set(done.join(), [...(byOperations.get(done.join()) ?? []), kind]);
  }
  if (byOperations.size === 0) tell(['spec', 'matchConstraints'], 'is about no kind that runs images here');
  return [...byOperations].map(([done, kinds]): ClusterMatch => ({
    ...(namespace === undefined ? {} : { namespaces: [namespace] }),
    ...(namespaceSelector === undefined || isEmpty(namespaceSelector) ? {} : { namespaceSelector }),
    ...(kinds.length === kindNames.length ? {} : { kinds }),
    ...(done.includes(',') ? {} : { operations: operations.filter((each) => each === done) }),
  }));
}

/** What goes by kinds and operations alone. */
function plain({ resourceRules = [], excludeResourceRules = [], matchPolicy }: MatchConstraints): MatchConstraints {
  return { resourceRules, excludeResourceRules, ...(matchPolicy === undefined ? {} : { matchPolicy }) };
}

function refuse({ objectSelector, resourceRules = [], excludeResourceRules = [] }: MatchConstraints, tell: Tell): void {
  const path: ConfigPath = ['spec', 'matchConstraints'];
  if (objectSelector !== undefined && !isEmpty(objectSelector)) {
    tell(
      [...path, 'objectSelector'],
      'is about what users write at their own objects, which an ImagePolicy does not go by',
    );
  }
  for (const [list, rules] of Object.entries({ resourceRules, excludeResourceRules })) {
    for (const [at, { resourceNames = [], resources = [] }] of rules.entries()) {
      if (resourceNames.length > 0) {
        tell([...path, list, at, 'resourceNames'], 'are about names of objects, which an ImagePolicy does not go by');
      }
      const parts = resources.filter((each) => each.includes('/') && each !== '*/*' && each !== 'pods/*');
      if (
        parts.some(
          (each) => each !== 'pods/ephemeralcontainers' || list !== 'resourceRules' || !resources.includes('pods'),
        )
      ) {
        tell([...path, list, at, 'resources'], 'are about parts of objects, where an ImagePolicy is about whole ones');
      }
    }
  }
}

function isEmpty({
  matchLabels = {},
  matchExpressions = [],
}: NonNullable<MatchConstraints['objectSelector']>): boolean {
  return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

function subjectOf(name: string, operation: (typeof operations)[number]): ResourceSubject {
  return { ...kindOfName(name), operation, subresource: '', namespace: 'x', name: 'x', object: {} };
}
