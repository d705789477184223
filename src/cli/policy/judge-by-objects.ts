import { AdmissionError } from '../../admission/error.ts';
import { judgeResource } from '../../admission/resource/judge-resource.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { Decision } from '../../policy/verdict.ts';
import type { RuleReport } from './model.ts';
import { objectRules, unconcernedObjectRules } from './object-rules.ts';
import { pipelineFacts } from './pipeline-facts.ts';
import type { PipelineJudge } from './pipeline-judge.ts';
import { nothingSaid, type PartialReport, type SessionParts } from './session-parts.ts';

/** Asks policies about objects about a Pod with an image. @throws the signal's reason */
export async function judgeByObjects(
  judge: PipelineJudge,
  policies: readonly ResourcePolicy[],
  subject: ResourceSubject,
  { keys, clock, repositories, platform }: SessionParts,
  signal: AbortSignal,
): Promise<PartialReport> {
  if (policies.length === 0) return nothingSaid;
  const parts = {
    facts: pipelineFacts({ repositories, clock, platform }, judge),
    names: judge,
    images: judge,
    keys,
    clock,
  };
  try {
    // The cluster puts digests in where policies ask for that, so that a tag is nothing that is wrong with the image.
    const verdict = await judgeResource(parts, { policies, subject, gate: 'ci', pins: true }, signal);
    signal.throwIfAborted();
    const rules = objectRules(verdict, policies);
    const { warnings } = verdict;
    return { decision: decisionOf(rules), rules, notAbout: unconcernedObjectRules(verdict, policies), warnings };
  } catch (error) {
    if (!(error instanceof AdmissionError && error.code === 'POLICY_UNDECIDABLE')) throw error;
    return { ...nothingSaid, decision: 'undecided', why: error.message.replace(/\.$/, '') };
  }
}

function decisionOf(rules: readonly RuleReport[]): Decision {
  const denying = rules.filter(({ denies }) => denies);
  if (denying.some(({ outcome }) => outcome === 'violated')) return 'deny';
  return denying.length > 0 ? 'undecided' : 'allow';
}
