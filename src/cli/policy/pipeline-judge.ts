import { judgePlatforms } from '../../admission/image/combine.ts';
import { evidenceKey } from '../../admission/image/keys.ts';
import { accessKey } from '../../workload/credentials/access-key.ts';
import type { ImageQuestion, ImageSource, PlatformEvidence } from '../../admission/image/model.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { ImageAnswer } from '../../policy/resource/policy.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';

/** An image that was judged by one policy, and by what. */
export interface Judgement {
  readonly question: ImageQuestion;
  readonly platforms: readonly PlatformEvidence[];
  readonly verdict: Verdict;
}

/** Judges images once and for one command: each name is looked up once, and what is known of an image is gathered once for each policy. */
export class PipelineJudge {
  readonly #source: ImageSource;
  readonly #now: () => number;
  readonly #names = new Map<string, Promise<Gathered<Digest>>>();
  readonly #digests = new Map<string, Digest>();
  readonly #evidence = new Map<string, Promise<readonly PlatformEvidence[]>>();

  constructor(source: ImageSource, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** @throws the signal's reason */
  async resolve(reference: Reference, access: PullAccess, signal: AbortSignal): Promise<Gathered<Digest>> {
    if (reference.digest !== undefined) return { state: 'known', value: reference.digest, at: this.#now() };
    const key = `${formatReference(reference)} ${accessKey(access)}`;
    const look = (): Promise<Gathered<Digest>> => this.#source.resolve(reference, access, signal);
    const found = await kept(this.#names, key, look);
    if (found.state === 'known') this.#digests.set(formatReference(reference), found.value);
    return found;
  }

  /** What a name stands for, where anybody had to ask. */
  knownDigest(reference: Reference): Digest | undefined {
    return reference.digest ?? this.#digests.get(formatReference(reference));
  }

  /** @throws the signal's reason */
  async judge(question: ImageQuestion, signal: AbortSignal): Promise<ImageAnswer> {
    const { verdict } = await this.judgeAll(question, signal);
    return { digest: question.image.digest, verdict };
  }

  /** The same, with what it was judged by. @throws the signal's reason */
  async judgeAll(question: ImageQuestion, signal: AbortSignal): Promise<Judgement> {
    const key = evidenceKey(question, this.#source);
    const platforms = await kept(this.#evidence, key, () => this.#source.gather(question, signal));
    return { question, platforms, verdict: judgePlatforms(question, platforms, this.#now()) };
  }
}

function kept<Value>(map: Map<string, Promise<Value>>, key: string, make: () => Promise<Value>): Promise<Value> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
