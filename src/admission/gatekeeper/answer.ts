import { mapBounded } from '../../base/concurrency.ts';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { ResourceVerdict } from '../../policy/resource/verdict.ts';
import { parseProviderKey, type ProviderKey } from './key.ts';
import type { ScanFacts } from './judge/scan-facts.ts';
import { gatekeeperLimits } from './limits.ts';
import type { ProviderRequest } from './parse-request.ts';
import { pinnedOf, scanValue, verifyValue } from './value.ts';

/** What Gatekeeper may ask: whether an image may run, what it is to be called, or what is wrong with it. */
export const providerQuestions = ['verify', 'mutate', 'scan'] as const;

/** One of {@link providerQuestions}. */
export type ProviderQuestion = (typeof providerQuestions)[number];

/** What came of judging an image. */
export interface JudgedKey {
  readonly verdict: ResourceVerdict;
  /** There where it was asked for, and the name could be read: what is wrong with the image, or why that is not known now. */
  readonly scan?: ScanFacts | { readonly reason: string };
}

/** Judges an image as if a Pod with it alone came to a namespace. @throws SeaworthyError, the signal's reason */
export type JudgeProviderKey = (
  key: ProviderKey,
  question: ProviderQuestion,
  signal: AbortSignal,
) => Promise<JudgedKey>;

/** How an image was answered: `invalid` where the key is none, and `unknown` where it could not be told now. */
export const imageOutcomes = ['allowed', 'denied', 'invalid', 'unknown'] as const;

/** One of {@link imageOutcomes}. */
export type ImageOutcome = (typeof imageOutcomes)[number];

/** An answer, and what came of its images, each counted once. */
export interface ProviderAnswer {
  readonly body: Buffer;
  readonly outcomes: readonly ImageOutcome[];
}

/** What Gatekeeper is told of one image. */
interface ProviderItem {
  readonly key: string;
  readonly value: unknown;
  /** Empty where there is none. */
  readonly error: string;
}

type Answered =
  | { readonly outcome: Exclude<ImageOutcome, 'unknown'>; readonly item: ProviderItem }
  | { readonly outcome: 'unknown'; readonly why: string };

/**
 * Answers a request (externaldata.gatekeeper.sh, ProviderResponse): an item for each key, in order, since templates take one that is
 * missing for nothing at all.
 *
 * Gatekeeper keeps every item for minutes, with its error, whatever else the answer says (frameworks, `externalDataBuiltin`). So what
 * may be otherwise in a moment is no item, but a `systemError`: that is not kept, denies in every template, and has the key asked for
 * again.
 */
export async function answerProvider(
  question: ProviderQuestion,
  { apiVersion, keys }: ProviderRequest,
  judge: JudgeProviderKey,
  signal: AbortSignal,
): Promise<ProviderAnswer> {
  const distinct = [...new Set(keys)];
  const answered = await mapBounded(distinct, gatekeeperLimits.width, async (key) => {
    return [key, await answerKey(question, key, judge, signal)] as const;
  });
  const byKey = new Map<string, Answered>(answered);
  const items = keys.flatMap((key) => {
    const each = byKey.get(key);
    return each === undefined || each.outcome === 'unknown' ? [] : [each.item];
  });
  const failures = answered.flatMap(([key, each]) =>
    each.outcome === 'unknown' ? [`${printable(key, gatekeeperLimits.keyLength)}: ${each.why.replace(/\.$/, '')}`] : [],
  );
  return {
    body: encodeProviderResponse({ apiVersion, items, systemError: failureText(failures) }),
    outcomes: answered.map(([, { outcome }]) => outcome),
  };
}

/** The bytes of an answer. @param systemError why some or all could not be told now; empty where all is there */
export function encodeProviderResponse({
  apiVersion,
  items,
  systemError,
}: {
  readonly apiVersion: string;
  readonly items: readonly ProviderItem[];
  readonly systemError: string;
}): Buffer {
  // Mutation is asked again for what was mutated, and gets the same then; it takes no other answer.
  const response = { idempotent: true, items, ...(systemError === '' ? {} : { systemError }) };
  return Buffer.from(JSON.stringify({ apiVersion, kind: 'ProviderResponse', response }));
}

/** What is wrong with many images may be the same for all of them, and what people are shown has an end. */
function failureText(failures: readonly string[]): string {
  const { toldFailures, failureLength, systemErrorLength } = gatekeeperLimits;
  const told = failures.slice(0, toldFailures).map((each) => each.slice(0, failureLength));
  const more = failures.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ').slice(0, systemErrorLength);
}

async function answerKey(
  question: ProviderQuestion,
  key: string,
  judge: JudgeProviderKey,
  signal: AbortSignal,
): Promise<Answered> {
  const parsed = parseProviderKey(key);
  if (parsed === undefined) {
    const error = 'the key is neither an image nor [namespace]image';
    return { outcome: 'invalid', item: { key, value: null, error } };
  }
  let judged: JudgedKey;
  try {
    judged = await judge(parsed, question, signal);
  } catch (error) {
    if (!isSeaworthyError(error) && !signal.aborted) throw error;
    return { outcome: 'unknown', why: errorMessage(error) };
  }
  const { verdict, scan } = judged;
  // Whatever else could not be looked at, what is wrong with an image stays so.
  const denying = verdict.results.filter(({ denies }) => denies);
  const [undecided] = denying;
  if (undecided !== undefined && denying.every(({ outcome }) => outcome === 'undecided')) {
    return { outcome: 'unknown', why: undecided.message };
  }
  const outcome = verdict.allowed ? 'allowed' : 'denied';
  if (question === 'mutate') {
    if (!verdict.allowed) return { outcome, item: { key, value: null, error: verdict.message.trim() } };
    return { outcome, item: { key, value: pinnedOf(verdict) ?? parsed.image, error: '' } };
  }
  const value = verifyValue(parsed.image, verdict);
  if (question === 'verify') return { outcome, item: { key, value, error: '' } };
  if (scan === undefined) {
    return { outcome: 'invalid', item: { key, value: null, error: 'the key is no name of an image' } };
  }
  if ('reason' in scan) return { outcome: 'unknown', why: scan.reason };
  return { outcome, item: { key, value: scanValue(value, scan), error: '' } };
}
