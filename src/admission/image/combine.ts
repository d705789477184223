import { evaluate } from '../../policy/evaluate.ts';
import { verdictOfIndex } from '../../policy/index-verdict.ts';
import type { Outcome, RuleVerdict, Verdict } from '../../policy/verdict.ts';
import { namedBy } from './keys.ts';
import type { Subject } from '../../policy/evidence.ts';
import type { ImageQuestion, NamedImage, PlatformEvidence } from './model.ts';

/** What a policy says of an image as a whole: of several platforms, what it says of the worst. @param now milliseconds since 1970 */
export function judgePlatforms(
  { policy, image, pins, context }: Omit<ImageQuestion, 'access'>,
  platforms: readonly PlatformEvidence[],
  now: number,
): Verdict {
  const judged = platforms.map(({ platform, evidence }) => ({
    ...(platform === undefined ? {} : { platform }),
    digest: evidence.subject.digest ?? image.digest,
    verdict: evaluate(policy, {
      ...evidence,
      now,
      subject: { ...evidence.subject, ...tagsOf(image), named: namedBy(image), pins },
      ...(context === undefined ? {} : { context }),
    }),
  }));
  const [only] = judged;
  if (judged.length === 1 && only !== undefined && only.platform === undefined) return only.verdict;
  const { platforms: each, ...index } = verdictOfIndex(judged, policy.hash);
  return { ...index, rules: worstRules(each.flatMap(({ verdict }) => verdict.rules)) };
}

/** From the worst on. */
const outcomes: readonly Outcome[] = ['violated', 'undecided', 'excepted', 'passed', 'notApplicable'];

/** Each rule once, as the platform says it where it went worst: a rule counts what holds for all of them. */
function worstRules(rules: readonly RuleVerdict[]): RuleVerdict[] {
  const worst = new Map<string, RuleVerdict>();
  for (const rule of rules) {
    const known = worst.get(rule.rule);
    if (known === undefined || outcomes.indexOf(rule.outcome) < outcomes.indexOf(known.outcome)) {
      worst.set(rule.rule, rule);
    }
  }
  return [...worst.values()];
}

/** A tag beside a digest is whatever somebody wrote there; nothing says that it stands for the digest. */
function tagsOf({ reference: { tag, digest } }: NamedImage): Pick<Subject, 'tags'> {
  return tag === undefined || digest !== undefined ? {} : { tags: [tag] };
}
