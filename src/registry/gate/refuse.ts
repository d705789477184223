import type { Digest } from '../../oci/digest.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { RegistryError } from '../error.ts';
import { gateLimits } from './limits.ts';

/** What is decided of a manifest, whatever it is. */
export type Decided = Pick<Verdict, 'decision' | 'message' | 'warnings' | 'exceptions' | 'opened' | 'pending'> & {
  readonly rules: readonly Pick<Verdict['rules'][number], 'rule' | 'kind' | 'action' | 'outcome' | 'facts'>[];
};

/** Of a verdict that lets nothing pass: what to tell the client. */
export function refusalOf(
  { decision, message, pending, rules }: Decided,
  digest: Digest | undefined,
  retryAfter: number,
): RegistryError {
  const told = message.length > gateLimits.message ? `${message.slice(0, gateLimits.message)} …` : message;
  const of = digest === undefined ? {} : { digest };
  const headers = retryAfterHeader(retryAfter);
  if (decision === 'deny') {
    return new RegistryError('DENIED', told, { detail: { ...of, rules: deciding(rules) } });
  }
  if (pending.length > 0) {
    return new RegistryError('TOOMANYREQUESTS', `The image is still being looked at; try again. ${told}`, {
      headers,
      detail: { ...of, pending },
    });
  }
  return new RegistryError('UNAVAILABLE', told, { headers, detail: of });
}

/** When a client may try again, in whole seconds. @param retryAfter milliseconds */
export function retryAfterHeader(retryAfter: number): { readonly 'retry-after': string } {
  return { 'retry-after': String(Math.max(1, Math.ceil(retryAfter / 1000))) };
}

/** For programs: the rules that decided, and by what. */
function deciding(rules: Decided['rules']): readonly unknown[] {
  return rules
    .filter(({ action, outcome }) => action === 'deny' && outcome === 'violated')
    .map(({ rule, kind, facts }) => ({ rule, kind, facts }));
}
