import { RememberedReads } from '../../base/remembered-reads.ts';
import type { KeyLookup } from '../../evidence/key-lookup.ts';
import { gathered } from '../../evidence/look.ts';
import type { Clock } from '../../net/clock.ts';
import { type CompiledPolicy, compilePolicy } from '../../policy/compile.ts';
import type { Gathered } from '../../policy/evidence.ts';
import { keyReferencesOf, withKeys } from '../../policy/key-files.ts';
import { sourceLimits } from './limits.ts';

/** A policy with the keys that its references meant at last. */
interface Keyed {
  readonly texts: ReadonlyMap<string, string>;
  readonly policy: CompiledPolicy;
}

/**
 * Policies with the keys that they name in Secrets and key services. A key that is another one by now makes another policy, so that what
 * was verified by the old one does not count.
 */
export class KeyedPolicies {
  readonly #lookup: KeyLookup;
  readonly #clock: Clock;
  readonly #texts: RememberedReads<Gathered<string>>;
  readonly #keyed = new WeakMap<CompiledPolicy, Keyed>();

  constructor(lookup: KeyLookup, clock: Clock) {
    this.#lookup = lookup;
    this.#clock = clock;
    this.#texts = new RememberedReads(
      () => clock.now(),
      sourceLimits.keys,
      ({ state }) => state === 'known',
    );
  }

  /** `unavailable` where a key could not be looked up: it is not known then who must have signed. @throws the signal's reason */
  async of(policy: CompiledPolicy, signal: AbortSignal): Promise<Gathered<CompiledPolicy>> {
    const now = (): number => this.#clock.now();
    const references = keyReferencesOf(policy.policy);
    if (references.length === 0) return { state: 'known', value: policy, at: now() };
    const texts = new Map<string, string>();
    for (const reference of references) {
      // Others may wait for the same, so that it does not end with whoever asked first.
      const { signal: unending } = new AbortController();
      const look = (): Promise<Gathered<string>> => gathered(now, unending, () => this.#lookup(reference));
      const text = await this.#texts.get(reference, look, signal);
      if (text.state !== 'known') return text.state === 'absent' ? unavailable(reference, 'it is not there') : text;
      texts.set(reference, text.value);
    }
    const known = this.#keyed.get(policy);
    if (known !== undefined && same(known.texts, texts)) return { state: 'known', value: known.policy, at: now() };
    return await gathered(now, signal, () => {
      const made = compilePolicy(withKeys(policy.policy, texts));
      this.#keyed.set(policy, { texts, policy: made });
      return Promise.resolve(made);
    });
  }
}

function same(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, text]) => b.get(name) === text);
}

function unavailable(reference: string, why: string): Gathered<never> {
  return { state: 'unavailable', reason: `the key ${reference} cannot be used: ${why}` };
}
