import { mapBounded } from '../../base/concurrency.ts';
import { errorMessage } from '../../base/error.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import { OciError } from '../../oci/error.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import type { Gate, Gathered } from '../../policy/evidence.ts';
import { evaluateResource } from '../../policy/resource/evaluate-resource.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type {
  ImageAnswer,
  ImageCheck,
  Lookup,
  ResourceInput,
  ResourcePolicy,
  ResourceRule,
  RuleAnswer,
} from '../../policy/resource/policy.ts';
import type { ResourceVerdict } from '../../policy/resource/verdict.ts';
import { AdmissionError } from '../error.ts';
import type { ImageJudge } from '../image/image-judge.ts';
import type { KeyedPolicies } from '../source/keyed-policies.ts';
import type { NameMemory } from '../image/name-memory.ts';
import type { Clock } from '../../net/clock.ts';
import { resourceLimits } from './limits.ts';
import type { ClusterFacts } from './model.ts';

/** What objects are judged with. */
export interface ResourceJudgeParts {
  readonly facts: ClusterFacts;
  readonly names: Pick<NameMemory, 'resolve'>;
  readonly images: Pick<ImageJudge, 'judge'>;
  readonly keys: Pick<KeyedPolicies, 'of'>;
  readonly clock: Clock;
}

/** How an object is looked at. */
export interface ResourceQuestion {
  readonly policies: readonly ResourcePolicy[];
  readonly subject: ResourceSubject;
  readonly gate: Gate;
  /** Whether digests can be put in. */
  readonly pins: boolean;
}

type Known<Value> = Map<string, Gathered<Value>>;

/**
 * Judges an object: asks its policies, looks up what they need, and asks again. What is not there when the signal says that time is up
 * counts as something that could not be looked at, so that the answer says what was missing.
 *
 * @throws AdmissionError POLICY_UNDECIDABLE for policies that want ever more
 */
export async function judgeResource(
  parts: ResourceJudgeParts,
  { policies, subject, gate, pins }: ResourceQuestion,
  signal: AbortSignal,
): Promise<ResourceVerdict> {
  const lookups: Known<JsonValue> = new Map();
  const images: Known<ImageAnswer> = new Map();
  const look = new ResourceLooks(parts, subject, gate, pins, signal);
  const input: ResourceInput = { subject, now: parts.clock.now(), pins, lookups, images };
  const settled = new Map<ResourceRule, RuleAnswer>();
  for (let round = 0; round < resourceLimits.rounds; round += 1) {
    const { verdict, needs } = evaluateResource(policies, input, settled);
    if (verdict !== undefined) return verdict;
    const facts = needs.lookups.filter(({ key }) => !lookups.has(key));
    const checks = needs.images.filter(({ key }) => !images.has(key));
    if (facts.length + checks.length === 0) break;
    if (lookups.size + facts.length > resourceLimits.lookups || images.size + checks.length > resourceLimits.images)
      break;
    await Promise.all([
      mapBounded(facts, resourceLimits.width, async (each) => void lookups.set(each.key, await look.fact(each))),
      mapBounded(checks, resourceLimits.width, async (each) => void images.set(each.key, await look.image(each))),
    ]);
  }
  throw new AdmissionError(
    'POLICY_UNDECIDABLE',
    'The policies want to know more of this object than may be looked up; let them look up less, or split the object',
  );
}

/** Looks things up for one object; each name of an image once, so that all policies speak of the same image. */
class ResourceLooks {
  readonly #parts: ResourceJudgeParts;
  readonly #subject: ResourceSubject;
  readonly #gate: Gate;
  readonly #pins: boolean;
  readonly #signal: AbortSignal;
  readonly #names = new Map<string, ReturnType<NameMemory['resolve']>>();
  #secrets: Promise<Gathered<readonly string[]>> | undefined;

  constructor(parts: ResourceJudgeParts, subject: ResourceSubject, gate: Gate, pins: boolean, signal: AbortSignal) {
    this.#parts = parts;
    this.#subject = subject;
    this.#gate = gate;
    this.#pins = pins;
    this.#signal = signal;
  }

  async fact(lookup: Lookup): Promise<Gathered<JsonValue>> {
    return await this.#inTime(() => this.#parts.facts.look(lookup, this.#subject, this.#signal));
  }

  async image(check: ImageCheck): Promise<Gathered<ImageAnswer>> {
    const { reference: text, policy, access, context, wantsEvidence, anew } = check;
    const reference = attempt(() => parseReference(text));
    if (typeof reference === 'string') return { state: 'unavailable', reason: reference };
    return await this.#inTime(async () => {
      this.#secrets ??= this.#parts.facts.pullSecrets(this.#subject, this.#signal);
      const secrets = await this.#secrets;
      // Images that need no credentials are read without them; those that do will say what is missing.
      const podSecrets = secrets.state === 'known' ? secrets.value : [];
      const pullAccess = { ...access, podSecrets };
      const key = JSON.stringify([text, access]);
      let name = this.#names.get(key);
      if (name === undefined) {
        name = this.#parts.names.resolve(reference, pullAccess, this.#signal);
        this.#names.set(key, name);
      }
      const digest = await name;
      if (digest.state !== 'known') return digest;
      const keyed = await this.#parts.keys.of(policy, this.#signal);
      if (keyed.state !== 'known') return keyed;
      const question = {
        policy: keyed.value,
        image: { reference, digest: digest.value },
        gate: this.#gate,
        pins: this.#pins,
        access: pullAccess,
        ...(context === undefined ? {} : { context }),
        ...(wantsEvidence === undefined ? {} : { wantsEvidence }),
        ...(anew === undefined ? {} : { anew }),
      };
      return { state: 'known', value: await this.#parts.images.judge(question, this.#signal), at: digest.at };
    });
  }

  async #inTime<Value>(look: () => Promise<Gathered<Value>>): Promise<Gathered<Value>> {
    try {
      this.#signal.throwIfAborted();
      return await look();
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      return {
        state: 'unavailable',
        reason: 'it took longer than the request may take; it goes on, so try again in a moment',
      };
    }
  }
}

function attempt(read: () => Reference): Reference | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    return errorMessage(error).replace(/\.$/, '');
  }
}
