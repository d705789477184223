import { SharedCalls, untilAborted } from '../../base/shared-calls.ts';
import type { Clock } from '../../net/clock.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import { imageLimits, type ImageTimes } from './limits.ts';
import type { ImageSource } from './model.ts';
import { accessKey } from '../../workload/credentials/access-key.ts';
import { Patience } from './patience.ts';

interface KnownName {
  readonly digest: Digest;
  /** Milliseconds since 1970 at which it was looked up. */
  readonly at: number;
}

/**
 * What names of images stand for. Looking that up is one request, whoever asks for it at the same time; a while after it the name is
 * taken to stand for the same, and longer where its registry cannot be asked.
 */
export class NameMemory {
  readonly #source: Pick<ImageSource, 'resolve'>;
  readonly #clock: Clock;
  readonly #times: ImageTimes;
  readonly #calls = new SharedCalls<Gathered<Digest>>();
  readonly #patience: Patience;
  readonly #known = new Map<string, KnownName>();
  readonly #silent = new Map<string, { readonly answer: Gathered<Digest>; readonly until: number }>();

  constructor(source: Pick<ImageSource, 'resolve'>, clock: Clock, times: ImageTimes) {
    this.#source = source;
    this.#clock = clock;
    this.#times = times;
    this.#patience = new Patience(clock, times.patienceTime);
  }

  /** @throws the signal's reason */
  async resolve(reference: Reference, access: PullAccess, signal: AbortSignal): Promise<Gathered<Digest>> {
    const { digest } = reference;
    if (digest !== undefined) return { state: 'known', value: digest, at: this.#clock.now() };
    const key = `${formatReference(reference)}\0${accessKey(access)}`;
    const now = this.#clock.now();
    const known = this.#known.get(key);
    if (known !== undefined && isYounger(known.at, now, this.#times.nameTime)) return knownOf(known);
    const silent = this.#silent.get(key);
    if (silent !== undefined && now < silent.until) return this.#orStale(silent.answer, known, now);
    const call = this.#calls.run(key, () => this.#look(key, reference, access));
    if (known === undefined || !isYounger(known.at, now, this.#times.staleTime))
      return await untilAborted(call, signal);
    const answer = await this.#patience.wait(key, call, signal);
    return answer === undefined ? knownOf(known) : this.#orStale(answer, known, this.#clock.now());
  }

  async #look(key: string, reference: Reference, access: PullAccess): Promise<Gathered<Digest>> {
    const answer = await this.#source.resolve(reference, access, AbortSignal.timeout(this.#times.judgeTime));
    const now = this.#clock.now();
    if (answer.state === 'known') {
      keep(this.#known, key, { digest: answer.value, at: now });
      this.#silent.delete(key);
    } else {
      keep(this.#silent, key, { answer, until: now + this.#times.silentTime });
      // It is gone: nothing that was known of it is true any more.
      if (answer.state === 'absent') this.#known.delete(key);
    }
    return answer;
  }

  #orStale(answer: Gathered<Digest>, known: KnownName | undefined, now: number): Gathered<Digest> {
    if (answer.state !== 'unavailable' || known === undefined) return answer;
    return isYounger(known.at, now, this.#times.staleTime) ? knownOf(known) : answer;
  }
}

function knownOf({ digest, at }: KnownName): Gathered<Digest> {
  return { state: 'known', value: digest, at };
}

/** What is of a time that is still to come was written by another clock, and its age is not known. */
function isYounger(at: number, now: number, age: number): boolean {
  return at <= now && now - at < age;
}

/** Keeps an entry, and lets the oldest go when there are too many. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= imageLimits.names) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
