import type { Discovery } from '../../kubernetes/discovery/model.ts';
import type { ResourceRule } from '../../policy/resource/policy.ts';
import type { ReviewPhase } from '../server/model.ts';
import type { WebhookRule } from './model.ts';
import { resourcesOfKind } from './resources-of-kinds.ts';

/** As webhooks are asked where a rule says nothing else. */
const usual = ['CREATE', 'UPDATE'] as const;

/** What can still be changed: what is deleted or connected to has no object to come. */
const changing: ReadonlySet<string> = new Set(usual);

/** Which requests a webhook is asked about for rules of policies, in an order that is always the same; empty where for none. */
export function webhookRules(
  rules: readonly Pick<ResourceRule, 'kinds' | 'operations' | 'pins'>[],
  phase: ReviewPhase,
  discovery: Discovery,
): readonly WebhookRule[] {
  const found = new Map<string, { readonly rule: Omit<WebhookRule, 'resources'>; readonly resources: Set<string> }>();
  for (const { kinds, operations: named = usual, pins = true } of rules) {
    const operations = phase === 'mutate' ? named.filter((each) => pins && changing.has(each)) : named;
    if (operations.length === 0) continue;
    for (const kind of kinds) {
      for (const { group, version, resources } of resourcesOfKind(kind, discovery)) {
        const rule = {
          apiGroups: [group],
          apiVersions: [version],
          operations: [...new Set(operations)].sort(),
          scope: '*' as const,
        };
        const key = JSON.stringify(rule);
        const known = found.get(key) ?? { rule, resources: new Set() };
        for (const resource of resources) known.resources.add(resource);
        found.set(key, known);
      }
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { rule, resources }]) => ({ ...rule, resources: withoutCovered(resources) }));
}

/** Without what a star among them says already. */
function withoutCovered(resources: ReadonlySet<string>): readonly string[] {
  if (resources.has('*/*')) return ['*/*'];
  return [...resources].filter((each) => each === '*' || each.includes('/') || !resources.has('*')).sort();
}
