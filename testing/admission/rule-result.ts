import type { JsonObject } from '../../src/lang/jmespath/value.ts';
import type { ResourceSubject } from '../../src/policy/resource/model.ts';
import type { ResourceVerdict, RuleResult } from '../../src/policy/resource/verdict.ts';

/** What a rule says that fails, with changes. */
export function ruleResult(policy: string, more: Partial<RuleResult> = {}): RuleResult {
  const result = { policy, rule: 'check', outcome: 'failed', action: 'audit', denies: false, images: [] } as const;
  return { ...result, message: more.outcome === 'passed' ? '' : 'it is not signed', ...more };
}

/** A verdict of such results: it allows unless one of them denies. */
export function verdictOf(...results: readonly RuleResult[]): ResourceVerdict {
  const allowed = !results.some(({ denies }) => denies);
  return { allowed, results, message: allowed ? '' : 'no', warnings: [], pins: [] };
}

/** A Pod `web` of the namespace `default` with a uid, as a review shows it. */
export function podSubject(
  metadata: JsonObject = {},
  more: Partial<ResourceSubject> & { readonly uid?: string | undefined } = {},
): ResourceSubject {
  const { uid = 'uid-1', ...rest } = more;
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : 'web';
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid, ...metadata },
    spec: { containers: [{ name: 'app', image: 'ghcr.io/org/app:1' }] },
  };
  return {
    operation: 'CREATE',
    group: '',
    version: 'v1',
    kind: 'Pod',
    subresource: '',
    namespace: 'default',
    name,
    object,
    ...rest,
  };
}
