import type { Digest } from '../../oci/digest.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { verdictOfIndex } from '../../policy/index-verdict.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import type { Verdict } from '../../policy/verdict.ts';
import type { PlatformEvidence } from './model.ts';

/** What a policy says of an image as a whole: of several platforms, what it says of the worst. */
export function judgePlatforms(policy: CompiledPolicy, platforms: readonly PlatformEvidence[]): Verdict {
  const judged = platforms.map(({ platform, evidence }) => ({
    ...(platform === undefined ? {} : { platform }),
    digest: evidence.subject.digest as Digest,
    verdict: evaluate(policy, evidence),
  }));
  const [only] = judged;
  if (judged.length === 1 && only !== undefined && only.platform === undefined) return only.verdict;
  const { platforms: each, ...index } = verdictOfIndex(judged, policy.hash);
  // Whoever asks about rules hears of the platform that decided.
  const worst = each.find(({ verdict }) => verdict.decision === index.decision);
  return { ...index, rules: worst?.verdict.rules ?? [] };
}
