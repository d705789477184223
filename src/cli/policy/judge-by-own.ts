import type { NamedImage, PlatformEvidence } from '../../admission/image/model.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import type { Verdict } from '../../policy/verdict.ts';
import { imageRules, unconcernedRules } from './image-rules.ts';
import type { PipelineJudge } from './pipeline-judge.ts';
import { ownAccess } from './own-access.ts';
import { nothingSaid, type PartialReport, type SessionParts, whyUnknown } from './session-parts.ts';

/** What our own policies say of an image, and what they said it by. */
export interface OwnReport extends PartialReport {
  readonly platforms: readonly PlatformEvidence[];
  readonly verdict?: Verdict;
}

/** Asks our own policies about an image, wherever in a cluster they are for. @throws the signal's reason */
export async function judgeByOwn(
  judge: PipelineJudge,
  policy: CompiledPolicy | undefined,
  image: NamedImage,
  { keys, clock }: SessionParts,
  signal: AbortSignal,
): Promise<OwnReport> {
  if (policy === undefined) return { ...nothingSaid, platforms: [] };
  const keyed = await keys.of(policy, signal);
  if (keyed.state !== 'known') {
    return { ...nothingSaid, decision: 'undecided', why: whyUnknown(keyed), platforms: [] };
  }
  const question = { policy: keyed.value, image, gate: 'ci', pins: false, access: ownAccess } as const;
  const judgement = await judge.judgeAll(question, signal);
  const { verdict, platforms } = judgement;
  const opened = verdict.opened.map(
    (rule) => `Rule "${rule}" lets it pass although not all is known that it asks for, as the policy says.`,
  );
  return {
    decision: verdict.decision,
    rules: imageRules(judgement, clock.now()),
    notAbout: unconcernedRules(judgement),
    warnings: [...verdict.warnings, ...opened],
    platforms,
    verdict,
  };
}
