import type { Clock } from '../../net/clock.ts';
import { clientLimits } from './limits.ts';

/**
 * Remembers for a while which repositories answer the referrers API. By repository, not by registry: one host may stand
 * before several, and only some of them know it.
 */
export class ReferrersApiMemory {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #known = new Map<string, { readonly there: boolean; readonly until: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether a repository answers it; undefined when that is not known, or not for sure any more. */
  recall(repository: string): boolean | undefined {
    const known = this.#known.get(repository);
    return known === undefined || known.until <= this.#clock.monotonic() ? undefined : known.there;
  }

  note(repository: string, there: boolean): void {
    if (this.#known.size >= clientLimits.rememberedRepositories) this.#known.clear();
    this.#known.set(repository, { there, until: this.#clock.monotonic() + clientLimits.rememberedMs });
  }
}
