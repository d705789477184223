import { judgePlatforms } from '../../admission/image/combine.ts';
import { formatReference } from '../../oci/reference.ts';
import type { CompiledPolicy, CompiledRule } from '../../policy/compile.ts';
import type { Subject } from '../../policy/evidence.ts';
import type { RuleVerdict, Verdict } from '../../policy/verdict.ts';
import { adviceOf } from './advice.ts';
import type { RuleReport, UnconcernedRule } from './model.ts';
import type { Judgement } from './pipeline-judge.ts';
import { whyNotAbout } from './why-not-about.ts';

/** What each rule of a policy about images says of one; what is the same on several platforms is told once. */
export function imageRules({ question, platforms }: Judgement, now: number): RuleReport[] {
  const { policy, image } = question;
  const { registry, repository } = image.reference;
  const name = formatReference({ registry, repository, digest: image.digest });
  return mergedRules(
    policy,
    name,
    platforms.map((one) => [one.platform, judgePlatforms(question, [one], now)]),
  );
}

/** What each rule says by several verdicts. @param name what the image is called in advice */
export function mergedRules(
  policy: CompiledPolicy,
  name: string,
  verdicts: readonly (readonly [platform: string | undefined, verdict: Verdict])[],
): RuleReport[] {
  const reports = new Map<string, RuleReport>();
  for (const [platform, verdict] of verdicts) {
    for (const each of verdict.rules) {
      const compiled = policy.rules.find(({ rule }) => rule.name === each.rule);
      const report = reportOf(each, compiled, verdict, adviceOf(compiled?.rule, each, name, policy.policy));
      const key = JSON.stringify([each.rule, each.outcome, each.sentence]);
      const before = reports.get(key)?.platforms ?? [];
      reports.set(key, platform === undefined ? report : { ...report, platforms: [...before, platform] });
    }
  }
  return [...reports.values()].sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0));
}

function reportOf(
  { rule, kind, action, outcome, sentence, facts, exceptions, ended }: RuleVerdict,
  compiled: CompiledRule | undefined,
  { opened }: Pick<Verdict, 'opened'>,
  help: string | undefined,
): RuleReport {
  const isBroken = outcome === 'violated' || (outcome === 'undecided' && !opened.includes(rule));
  return {
    dialect: 'seaworthy',
    rule,
    kind,
    action,
    outcome,
    denies: action === 'deny' && isBroken,
    why: sentence,
    ...(help === undefined ? {} : { help }),
    facts,
    exceptions,
    ended,
    signers: compiled === undefined ? [] : signersOf(compiled),
  };
}

function signersOf({ needs: { signers, sbomSigners, statements } }: CompiledRule): readonly string[] {
  return [...new Set([...signers, ...sbomSigners, ...statements.flatMap((each) => each.signers)])].sort();
}

/** Rules of a policy that are about no platform of the image, and why. */
export function unconcernedRules({ question: { policy, image }, platforms }: Judgement): UnconcernedRule[] {
  const { tag, digest } = image.reference;
  return unconcernedBy(
    policy,
    platforms.map(({ evidence: { subject } }): Subject =>
      tag === undefined || digest !== undefined ? subject : { ...subject, tags: [tag] },
    ),
  );
}

/** Rules of a policy that are about none of some subjects, and why. */
export function unconcernedBy(policy: CompiledPolicy, subjects: readonly Subject[]): UnconcernedRule[] {
  const [first] = subjects;
  if (first === undefined) return [];
  return policy.rules
    .filter(({ covers }) => !subjects.some(covers))
    .map(({ rule }) => ({ rule: rule.name, why: whyNotAbout(rule.match ?? {}, first) }));
}
