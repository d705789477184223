import type { Digest } from '../../oci/digest.ts';
import { RegistryError } from '../error.ts';
import { gateLimits } from './limits.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';
import { type Decided, retryAfterHeader } from './refuse.ts';

/** What is decided of something that is to pass, as far as it is known now. */
export interface Looked {
  readonly decided: Decided;
  /** What it is about: the manifest that decided. */
  readonly digest: Digest;
  /** Images whose scans may change it. */
  readonly waitsFor: readonly Digest[];
  /** Milliseconds since 1970: from then on it may be another one. */
  readonly until: number;
  /** It is no image itself, so that nobody looked at blobs that it names. */
  readonly isBare?: true;
}

/** The same, and the rules that it was decided by. */
export interface Held extends Looked {
  readonly rules: GateRules;
}

type HoldParts = Pick<GateParts, 'scans' | 'clock' | 'rules' | 'timeLimit'>;

/** Who waits for the decision. */
export interface Waiting {
  readonly signal: AbortSignal;
  /** False where nobody waits: what is known now decides. */
  readonly patient: boolean;
  /** Is told when a look took too long to decide anything, so that the client is sent away. */
  readonly onLate: () => void;
}

/**
 * Decides, and holds the client while something is still on its way that may change the decision: a scan that was begun for it. What is
 * denied already is not waited for. After the time that the rules give, what is known by then decides.
 *
 * Whatever is waited for, the rules may be others afterwards, an exception may have ended, and tags may have moved: what was decided
 * before counts no more then, and it is looked at anew. A look itself is ended with that time, too, since an upstream may stall in
 * the middle of what it reads; short as the time may be, a look has as long as `gateLimits.lookTime`.
 *
 * @param look decides by what is known now, until its signal is aborted; undefined for what nothing is to be decided of
 * @returns undefined, too, where there is no policy any more
 * @throws the signal's reason when the client goes; RegistryError TOOMANYREQUESTS when a look took too long to decide anything
 */
export async function holdUntilDecided(
  { scans, clock, rules: rulesNow, timeLimit = (time) => AbortSignal.timeout(time) }: HoldParts,
  look: (rules: GateRules, signal: AbortSignal) => Promise<Looked | undefined>,
  { signal, patient, onLate }: Waiting,
): Promise<Held | undefined> {
  const began = clock.monotonic();
  for (;;) {
    const rules = rulesNow();
    if (rules === undefined) return undefined;
    const end = began + (patient ? rules.hold : 0);
    const limit = timeLimit(Math.max(Math.ceil(end - clock.monotonic()), gateLimits.lookTime));
    const looked = await look(rules, AbortSignal.any([signal, limit])).catch((cause: unknown) => {
      signal.throwIfAborted();
      if (!limit.aborted) throw cause;
      onLate();
      throw tookTooLong(rules, cause);
    });
    signal.throwIfAborted();
    if (rulesNow() !== rules) continue;
    if (looked === undefined) return undefined;
    if (clock.now() >= looked.until) continue;
    const left = end - clock.monotonic();
    const { decided, waitsFor } = looked;
    if (decided.decision === 'deny' || waitsFor.length === 0 || left <= 0) return { ...looked, rules };
    await firstSettled(scans, clock, waitsFor, left, signal);
  }
}

function tookTooLong({ retryAfter }: GateRules, cause: unknown): RegistryError {
  const message = 'The image is still being looked at, which takes longer than clients are held; try again';
  return new RegistryError('TOOMANYREQUESTS', message, { headers: retryAfterHeader(retryAfter), cause });
}

async function firstSettled(
  scans: GateParts['scans'],
  clock: GateParts['clock'],
  digests: readonly Digest[],
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const ignoreEnd = (error: unknown): void => {
    if (!over.signal.aborted) throw error;
  };
  try {
    await Promise.race([
      ...digests.map((digest) => scans.settled(digest, either).catch(ignoreEnd)),
      clock.sleep(milliseconds, either).catch(ignoreEnd),
    ]);
  } finally {
    over.abort();
  }
}
