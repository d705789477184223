import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { Lookup } from '../../policy/resource/policy.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';

/** Where it is learnt what surrounds an object in its cluster. */
export interface ClusterFacts {
  /** Looks up what a rule asked for. What could not be looked at is `unavailable`. @throws the signal's reason */
  look(lookup: Lookup, subject: ResourceSubject, signal: AbortSignal): Promise<Gathered<JsonValue>>;
  /**
   * `namespace/name` of the secrets that an object's pods are pulled with: those that they name, and those of their service account.
   *
   * @throws the signal's reason
   */
  pullSecrets(subject: ResourceSubject, signal: AbortSignal): Promise<Gathered<readonly string[]>>;
}
