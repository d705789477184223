import { isDecidedByName } from '../../policy/by-name.ts';
import type { CompiledRule } from '../../policy/compile.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Subject } from '../../policy/evidence.ts';
import type { Call } from '../pipeline/call.ts';
import type { Gate } from '../pipeline/gate.ts';
import type { RouteOf } from '../route/route.ts';
import type { GateParts } from './parts.ts';
import { refusalOf } from './refuse.ts';

/**
 * Refuses what rules about sources forbid of an upstream before the upstream is asked for it: so nobody there hears of it, and it is refused
 * while the upstream is down. Whatever else there is to say is said by whoever sees the manifest.
 */
export function refuseByName(
  parts: Pick<GateParts, 'rules' | 'registry' | 'sourceOf' | 'isCached' | 'isExempt' | 'clock' | 'observe'>,
): Gate['enter'] {
  return (call) => {
    const rules = parts.rules();
    const { route, method, identity } = call;
    if (rules === undefined || route.kind !== 'manifest' || (method !== 'GET' && method !== 'HEAD')) return;
    const { repository } = route;
    if (!parts.isCached(repository) || parts.isExempt(identity, repository)) return;
    const subject = subjectOf(parts, route);
    const { policy, retryAfter } = rules;
    const asked = policy.rules.filter((rule) => isAbout(rule, route) && isDecidedByName(rule, policy, false));
    if (asked.length === 0) return;
    const verdict = evaluate({ ...policy, rules: asked }, { subject, now: parts.clock.now() });
    if (verdict.decision !== 'deny') return;
    const broken = verdict.rules.filter(({ action, outcome }) => action === 'deny' && outcome === 'violated');
    const digest = 'digest' in route ? { digest: route.digest } : {};
    parts.observe({ kind: 'denied', repository, ...digest, rules: broken.map(({ rule }) => rule) }, call);
    throw refusalOf(verdict, subject.digest, retryAfter);
  };
}

/** Rules about sources count for whatever it is; what tags a digest has may be known better later. */
function isAbout({ rule }: CompiledRule, route: RouteOf<'manifest'>): boolean {
  return rule.kind === 'source' && (rule.match?.tags === undefined || 'tag' in route);
}

function subjectOf(
  { registry, sourceOf }: Pick<GateParts, 'registry' | 'sourceOf'>,
  route: Call<'manifest'>['route'],
): Subject {
  const { repository } = route;
  return {
    gate: 'pull',
    registry: registry(),
    repository,
    source: sourceOf(repository),
    ...('tag' in route ? { tags: [route.tag] } : { digest: route.digest }),
    kind: 'artifact',
  };
}
