import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { Lookup, ResourceInput } from '../../resource/policy.ts';
import { kyvernoImageLimits } from '../limits.ts';
import { NotYetKnown } from './not-yet-known.ts';
import { lookedUp } from '../../resource/looked-up.ts';

/** Asks for what is no image's, and collects what is not known yet. */
export class Lookups {
  readonly needs: Map<string, Lookup> = new Map();
  readonly #asked = new Set<string>();
  readonly #input: ResourceInput;

  constructor(input: ResourceInput) {
    this.#input = input;
  }

  /**
   * What was looked up; undefined where there is nothing.
   *
   * @throws NotYetKnown; LangError where it could not be looked up, or is too much
   */
  lookUp(lookup: Lookup, what: string): JsonValue | undefined {
    const found = this.#input.lookups.get(lookup.key);
    this.#asked.add(lookup.key);
    if (this.#asked.size > kyvernoImageLimits.lookups) {
      throw new LangError('LIMIT_EXCEEDED', `More than ${kyvernoImageLimits.lookups} things are to be looked up`);
    }
    if (found !== undefined) return lookedUp(found, what);
    this.needs.set(lookup.key, lookup);
    throw new NotYetKnown(what);
  }
}
