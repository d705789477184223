import { SharedCalls, untilAborted } from '../../base/shared-calls.ts';
import { formatTime } from '../../base/time-text.ts';
import type { Clock } from '../../net/clock.ts';
import { formatReference } from '../../oci/reference.ts';
import type { ImageAnswer } from '../../policy/resource/policy.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { KeptVerdict, VerdictStore } from '../verdict-cache/model.ts';
import { VerdictCache } from '../verdict-cache/verdict-cache.ts';
import { judgePlatforms } from './combine.ts';
import { EvidenceMemory } from './evidence-memory.ts';
import { accessKey } from '../../workload/credentials/access-key.ts';
import { evidenceKey, questionKey, standingKey } from './keys.ts';
import { imageLimits, type ImageTimes } from './limits.ts';
import type { ImageQuestion, ImageSource, PlatformEvidence } from './model.ts';
import { Patience } from './patience.ts';

/** How an image was judged: by what was known (`kept`), by what was known long ago since nobody could be asked (`stale`), or anew. */
export type JudgedBy = 'kept' | 'stale' | 'anew';

/** What an {@link ImageJudge} works with. */
export interface ImageJudgeParts {
  readonly source: ImageSource;
  readonly clock: Clock;
  readonly times: ImageTimes;
  /** Where verdicts are kept for others, where they are. */
  readonly store?: VerdictStore;
  readonly observe?: (how: JudgedBy, decision: Verdict['decision']) => void;
}

/** The keys of a question. */
interface QuestionKeys {
  readonly question: string;
  readonly evidence: string;
  /** Of the question, whichever database is asked. */
  readonly standing: string;
}

/** What came of judging an image anew. */
interface Judged {
  readonly kept: KeptVerdict;
  readonly platforms: readonly PlatformEvidence[];
  /** Of whoever asked first: another one may see what this one does not. */
  readonly access: string;
}

/**
 * Judges images, each digest once for each policy however many ask. What was verified counts for a while, and for longer where its
 * registry cannot be asked; what is wrong with an image counts for a moment only, since it may be signed at any time.
 */
export class ImageJudge {
  readonly #parts: ImageJudgeParts;
  readonly #cache = new VerdictCache(imageLimits.verdicts);
  readonly #evidence = new EvidenceMemory(imageLimits.evidence);
  readonly #calls = new SharedCalls<Judged>();
  readonly #patience: Patience;
  /** Ends when verdicts that are kept were read, or do not come: before, images would be asked for that are known. */
  #reading: Promise<void> | undefined;
  /** Denials of this process that nobody else was told of. */
  readonly #denied = new WeakSet<KeptVerdict>();
  /** What could not be told a moment ago, so that a registry that is down is not asked by each Pod. */
  readonly #silent = new Map<string, Judged>();

  constructor(parts: ImageJudgeParts) {
    this.#parts = parts;
    this.#patience = new Patience(parts.clock, parts.times.patienceTime);
  }

  /** Verdicts in memory. */
  get size(): number {
    return this.#cache.size;
  }

  /** Forgets all verdicts, so that every image is judged anew. */
  forget(): void {
    this.#cache.clear();
    this.#evidence.clear();
    this.#silent.clear();
  }

  /** Takes over what others judged; ends when the signal says so. */
  async follow(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#parts;
    if (store === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const read = (): void => {
      this.#reading = undefined;
      resolve();
    };
    this.#reading = promise;
    clock.sleep(imageLimits.storeTime, signal).then(read, read);
    await store.follow((kept) => this.#take(kept), signal, read).finally(read);
  }

  #take(kept: KeptVerdict): void {
    const newest = this.#cache.newest(kept, this.#parts.clock.now());
    this.#cache.put(kept);
    // What was denied here before anybody knew that it had been allowed is to be known wherever that is.
    if (newest === undefined || newest.at <= kept.at || kept.verdict.decision !== 'allow') return;
    if (this.#denied.delete(newest)) this.#parts.store?.put(withdrawalOf(newest));
  }

  /** @throws the signal's reason; judging goes on without whoever gave up */
  async judge(question: ImageQuestion, signal: AbortSignal): Promise<ImageAnswer> {
    const { source, clock, observe } = this.#parts;
    const evidence = evidenceKey(question, source);
    const standing = questionKey(question, standingKey(question, source));
    const keys: QuestionKeys = { evidence, question: questionKey(question, evidence), standing };
    if (this.#reading !== undefined) await untilAborted(this.#reading, signal);
    if (question.anew === true) return await this.#judgeAnew(keys, question, signal);
    if (question.wantsEvidence === true) return await this.#judgeByEvidence(keys, question, signal);
    const known = this.#cache.get(keys.question, clock.now());
    if (known?.fresh === true) {
      observe?.('kept', known.kept.verdict.decision);
      if (isAging(known.kept, clock.now())) this.#refresh(keys, question);
      return answerOf(known.kept);
    }
    const remembered = this.#evidence.get(evidence, clock.now());
    if (remembered !== undefined) {
      const kept = this.#keep(keys, question, remembered.platforms, remembered.at);
      observe?.('kept', kept.verdict.decision);
      return answerOf(kept);
    }
    const isGood = this.#older(keys)?.verdict.decision === 'allow';
    const judged = isGood ? await this.#askPatiently(keys, question, signal) : await this.#ask(keys, question, signal);
    if (judged === undefined || !isCertain(judged.kept.verdict)) {
      const stale = this.#older(keys);
      if (stale?.verdict.decision === 'allow') {
        observe?.('stale', 'allow');
        return staleAnswer(stale, judged?.kept.verdict);
      }
    }
    const { kept } = judged ?? (await this.#ask(keys, question, signal));
    observe?.('anew', kept.verdict.decision);
    return answerOf(kept);
  }

  /** What was judged before, also by another database: a registry that is silent when that changes is no reason to deny all. */
  #older({ question: key, standing }: QuestionKeys): KeptVerdict | undefined {
    return this.#cache.newest({ key, standing }, this.#parts.clock.now());
  }

  /** For whoever wants nothing to count that was found before. Others may go by what comes of it. */
  async #judgeAnew(keys: QuestionKeys, question: ImageQuestion, signal: AbortSignal): Promise<ImageAnswer> {
    const { kept, platforms } = await this.#ask(keys, question, signal);
    this.#parts.observe?.('anew', kept.verdict.decision);
    const answer = answerOf(kept);
    return question.wantsEvidence === true
      ? { ...answer, evidence: platforms.map(({ evidence }) => evidence) }
      : answer;
  }

  /** For whoever asks for more than a verdict, which is all that is kept for long. */
  async #judgeByEvidence(keys: QuestionKeys, question: ImageQuestion, signal: AbortSignal): Promise<ImageAnswer> {
    const { clock, observe } = this.#parts;
    const remembered = this.#evidence.get(keys.evidence, clock.now());
    const { kept, platforms } =
      remembered === undefined
        ? await this.#ask(keys, question, signal)
        : { kept: this.#keep(keys, question, remembered.platforms, remembered.at), platforms: remembered.platforms };
    observe?.(remembered === undefined ? 'anew' : 'kept', kept.verdict.decision);
    return { ...answerOf(kept), evidence: platforms.map(({ evidence }) => evidence) };
  }

  /** Undefined where that takes longer than one waits for what is known, though it may be old. */
  async #askPatiently(keys: QuestionKeys, question: ImageQuestion, signal: AbortSignal): Promise<Judged | undefined> {
    const asked = this.#ask(keys, question, new AbortController().signal);
    return await this.#patience.wait(keys.question, asked, signal);
  }

  /** What is learnt with one's credentials is true for all; what is not may be so with those of another. */
  async #ask(keys: QuestionKeys, question: ImageQuestion, signal: AbortSignal): Promise<Judged> {
    const access = accessKey(question.access);
    const call = (): Promise<Judged> => this.#judgeNow(keys, question, access);
    const shared = await untilAborted(this.#calls.run(keys.evidence, call), signal);
    const isOwn = shared.kept.key === keys.question;
    if (isCertain(shared.kept.verdict)) {
      // Another question about the same image was under way: what it learnt answers this one too.
      return isOwn ? shared : this.#judged(keys, question, shared.platforms, shared.kept.at, shared.access);
    }
    if (isOwn && shared.access === access) return shared;
    return await untilAborted(this.#calls.run(`${keys.question}\0${access}`, call), signal);
  }

  /** What is asked for all the time is judged anew before it no longer counts, so that nobody has to wait for that. */
  #refresh(keys: QuestionKeys, question: ImageQuestion): void {
    const call = (): Promise<Judged> => this.#judgeNow(keys, question, accessKey(question.access));
    this.#calls.run(keys.evidence, call).catch(() => undefined);
  }

  async #judgeNow(keys: QuestionKeys, question: ImageQuestion, access: string): Promise<Judged> {
    const { source, clock, times } = this.#parts;
    const silent = this.#silent.get(`${keys.question}\0${access}`);
    if (silent !== undefined && clock.now() < silent.kept.at + times.silentTime) return silent;
    const platforms = await source.gather(question, AbortSignal.timeout(times.judgeTime));
    return this.#judged(keys, question, platforms, clock.now(), access);
  }

  #judged(
    keys: QuestionKeys,
    question: ImageQuestion,
    platforms: readonly PlatformEvidence[],
    at: number,
    access: string,
  ): Judged {
    const kept = this.#keep(keys, question, platforms, at);
    const judged: Judged = { kept, platforms, access };
    const silentKey = `${keys.question}\0${access}`;
    if (!isCertain(kept.verdict)) return this.#remain(silentKey, judged);
    this.#silent.delete(silentKey);
    this.#evidence.put(keys.evidence, { platforms, at, until: kept.until });
    return judged;
  }

  /** Judges by what is known since a time, and keeps that unless it was too little. */
  #keep(
    { question: key, standing }: QuestionKeys,
    question: ImageQuestion,
    platforms: readonly PlatformEvidence[],
    at: number,
  ): KeptVerdict {
    const { clock, times, store } = this.#parts;
    const verdict = judgePlatforms(question, platforms, clock.now());
    const { image } = question;
    const end = verdict.validUntil ?? Number.POSITIVE_INFINITY;
    const good = verdict.decision === 'allow';
    const kept: KeptVerdict = {
      key,
      standing,
      digest: image.digest,
      image: formatReference({ ...image.reference, digest: image.digest }),
      verdict,
      at,
      until: Math.min(end, at + (good ? times.goodTime : times.badTime)),
      // For as long as what was allowed before it could count again.
      staleUntil: good ? Math.min(end, at + times.staleTime) : at + times.staleTime,
    };
    if (!isCertain(verdict)) return kept;
    const before = this.#cache.newest(kept, clock.now());
    this.#cache.put(kept);
    if (good) store?.put(kept);
    // What nobody ever allowed is kept for nobody: there is no end to that.
    else if (before?.verdict.decision === 'allow') store?.put(withdrawalOf(kept));
    else if (store !== undefined) this.#denied.add(kept);
    return kept;
  }

  #remain(key: string, judged: Judged): Judged {
    this.#silent.delete(key);
    this.#silent.set(key, judged);
    const [oldest] = this.#silent.keys();
    if (this.#silent.size > imageLimits.verdicts && oldest !== undefined) this.#silent.delete(oldest);
    return judged;
  }
}

/**
 * Whether a verdict rests on what was seen. One that allows since a rule could not be decided, and that fails open or only warns, is worth no
 * more than one that could not be told.
 */
function isCertain({ decision, opened, rules }: Verdict): boolean {
  if (decision !== 'allow') return decision === 'deny';
  return opened.length === 0 && rules.every(({ outcome }) => outcome !== 'undecided');
}

/** A denial as others are told of it: what was allowed before no longer counts, and each judges for itself why. */
function withdrawalOf(denied: KeptVerdict): KeptVerdict {
  const { pin, policyHash } = denied.verdict;
  const verdict: Verdict = {
    decision: 'deny',
    rules: [],
    message: '',
    warnings: [],
    exceptions: [],
    opened: [],
    pin,
    pending: [],
    policyHash,
  };
  return { ...denied, verdict, until: 0 };
}

function isAging({ at, until }: KeptVerdict, now: number): boolean {
  return now - at > (until - at) * imageLimits.aging;
}

function answerOf({ digest, verdict }: KeptVerdict): ImageAnswer {
  return { digest, verdict };
}

/** @param anew what could be told now, where that is known */
function staleAnswer({ image, digest, verdict, at }: KeptVerdict, anew: Verdict | undefined): ImageAnswer {
  const isPending = anew !== undefined && anew.pending.length > 0;
  const why = isPending ? 'it is still being looked at anew' : 'the registry cannot be asked now';
  const note = `${why}, and it counts as it was verified on ${formatTime(at)}: ${image}`;
  return { digest, verdict, note };
}
