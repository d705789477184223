import { mapBounded } from '../../base/concurrency.ts';
import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import type { ResourceVerdict } from '../../policy/resource/verdict.ts';
import { parseProviderKey, type ProviderKey } from './key.ts';
import { gatekeeperLimits } from './limits.ts';
import type { ProviderRequest } from './parse-request.ts';
import { pinnedOf, verifyValue } from './value.ts';

/** What Gatekeeper may ask: what an image is like, or what it is to be called. */
export type ProviderQuestion = 'verify' | 'mutate';

/** Judges an image as if a Pod with it alone came to a namespace. @throws SeaworthyError, the signal's reason */
export type JudgeProviderKey = (key: ProviderKey, signal: AbortSignal) => Promise<ResourceVerdict>;

/** What Gatekeeper is told of one image. */
interface ProviderItem {
  readonly key: string;
  readonly value: unknown;
  /** Empty where there is none. Gatekeeper keeps it for minutes, so it is for what stays as it is. */
  readonly error: string;
}

/**
 * Answers a request (externaldata.gatekeeper.sh, ProviderResponse): an item for each key, in order, since templates take one that is
 * missing for nothing at all. What may be otherwise in a moment is a `systemError`, which Gatekeeper does not keep.
 */
export async function answerProvider(
  question: ProviderQuestion,
  { apiVersion, keys }: ProviderRequest,
  judge: JudgeProviderKey,
  signal: AbortSignal,
): Promise<Buffer> {
  const transient: string[] = [];
  const distinct = [...new Set(keys)];
  const judged = await mapBounded(distinct, gatekeeperLimits.width, async (key) => {
    const item = await itemOf(question, key, judge, signal);
    if (typeof item !== 'string') return [key, item] as const;
    transient.push(item);
    return [key, { key, value: null, error: item }] as const;
  });
  const items = new Map<string, ProviderItem>(judged);
  const response = {
    // Mutation is asked again for what was mutated, and gets the same then.
    idempotent: true,
    items: keys.map((key) => items.get(key)),
    ...(transient.length === 0 ? {} : { systemError: transient.sort().join('; ') }),
  };
  return Buffer.from(JSON.stringify({ apiVersion, kind: 'ProviderResponse', response }));
}

/** The item of a key; a text where it could not be told now. */
async function itemOf(
  question: ProviderQuestion,
  key: string,
  judge: JudgeProviderKey,
  signal: AbortSignal,
): Promise<ProviderItem | string> {
  const parsed = parseProviderKey(key);
  if (parsed === undefined) return { key, value: null, error: 'the key is neither an image nor [namespace]image' };
  let verdict: ResourceVerdict;
  try {
    verdict = await judge(parsed, signal);
  } catch (error) {
    if (!isSeaworthyError(error) && !signal.aborted) throw error;
    return `${key}: ${errorMessage(error)}`;
  }
  const undecided = verdict.results.find(({ outcome, denies }) => outcome === 'undecided' && denies);
  if (undecided !== undefined) return `${key}: ${undecided.message}`;
  if (question === 'verify') return { key, value: verifyValue(parsed.image, verdict), error: '' };
  if (!verdict.allowed) return { key, value: null, error: verdict.message.trim() };
  return { key, value: pinnedOf(verdict) ?? parsed.image, error: '' };
}
