import { LangError } from '../../../lang/error.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { Lookup, RegistryAccess, ResourceInput } from '../../resource/policy.ts';
import { kyvernoImageLimits } from '../limits.ts';
import { NotYetKnown } from './not-yet-known.ts';
import { lookedUp } from '../../resource/looked-up.ts';

type Question = Lookup extends infer Each ? (Each extends Lookup ? Omit<Each, 'key'> : never) : never;

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

/** Asks for the labels of a namespace. */
export function namespaceLabelsLookup(namespace: string): Lookup {
  return withKey({ kind: 'namespaceLabels', namespace }, namespace);
}

/** Asks the API server. */
export function apiLookup(path: string): Lookup {
  return withKey({ kind: 'api', path }, path);
}

/** Asks for what is kept for all policies. */
export function globalReferenceLookup(name: string): Lookup {
  return withKey({ kind: 'globalReference', name }, name);
}

/** Asks a registry for manifest and config of an image. */
export function imageDataLookup(reference: string, access: RegistryAccess): Lookup {
  const { plainHttp, secrets, providers } = access;
  const how = [plainHttp ? 'http' : 'https', [...secrets].sort().join(), [...providers].sort().join()];
  return withKey({ kind: 'imageData', reference, access }, reference, ...how);
}

/** No two questions have one key, whatever stands in them, and the same have the same in all dialects of Kyverno. */
function withKey(question: Question, ...parts: readonly string[]): Lookup {
  const all = [question.kind, ...parts].map((part) => part.replaceAll('%', '%25').replaceAll(' ', '%20'));
  return { key: all.join(' '), ...question };
}
