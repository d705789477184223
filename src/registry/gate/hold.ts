import type { Digest } from '../../oci/digest.ts';
import type { AskedManifest } from './asked-manifest.ts';
import type { ManifestJudge } from './judge-manifest.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';
import type { Decided } from './refuse.ts';

/**
 * Decides, and holds the client while something is still on its way that may change the decision: a scan that was begun for it. What is
 * denied already is not waited for. After the time that the rules give, what is known by then decides.
 *
 * @throws the signal's reason when the client goes
 */
export async function holdUntilDecided(
  { scans, clock }: Pick<GateParts, 'scans' | 'clock'>,
  judge: ManifestJudge,
  asked: AskedManifest,
  rules: GateRules,
  signal: AbortSignal,
): Promise<Decided> {
  const end = clock.monotonic() + rules.hold;
  for (;;) {
    const { decided, waitsFor } = await judge.judge(asked, rules, signal);
    const left = end - clock.monotonic();
    if (decided.decision === 'deny' || waitsFor.length === 0 || left <= 0) return decided;
    await firstSettled(scans, clock, waitsFor, left, signal);
  }
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
