import type { ResourcePolicy } from '../../policy/resource/policy.ts';

/**
 * Whether a policy has webhooks for itself, since API servers are to wait for it for another time, or to look at conditions of its own
 * first. The webhooks that others share must then leave it out: a condition of it says for which objects it does not count.
 */
export function hasOwnWebhook({ matchConditions, timeout }: ResourcePolicy): boolean {
  return matchConditions.length > 0 || timeout !== undefined;
}
