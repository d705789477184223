import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { ResourceVerdict } from '../../policy/resource/verdict.ts';
import type { KindOfResource } from '../cluster/kind-names.ts';
import { judgeResource, type ResourceJudgeParts } from '../resource/judge-resource.ts';
import { plainAllowance } from '../review/answer.ts';
import { toResourceSubject } from '../review/resource-subject.ts';
import type { FailurePolicy, JudgeReview, ReviewContext, ReviewPhase, StartTimer } from '../server/model.ts';
import { hasOwnWebhook } from '../webhooks/own-webhook.ts';
import { answerVerdict } from './answer-verdict.ts';

/** An object that was judged when it came to a cluster. */
export interface JudgedReview {
  readonly subject: ResourceSubject;
  readonly verdict: ResourceVerdict;
  readonly phase: ReviewPhase;
  /** Nothing may come of it but an answer. */
  readonly dryRun: boolean;
}

/** What reviews are judged with. */
export interface ReviewJudgeParts extends ResourceJudgeParts {
  /** The policies that count now. @throws AdmissionError POLICIES_UNKNOWN before they were read */
  readonly policies: () => readonly ResourcePolicy[];
  /** Objects that no policy is asked about. */
  readonly passesOver: (subject: ResourceSubject) => boolean;
  readonly startTimer: StartTimer;
  /**
   * Whether policies with conditions or a timeout of their own have webhooks of their own, as the registrar makes them. Where somebody
   * else registers webhooks, all are asked together: one that nobody asks would be none.
   */
  readonly hasOwnWebhooks: boolean;
  /** Tells the kinds of custom resources; absent where no cluster can be asked. */
  readonly kindOf?: KindOfResource;
  /** Is told of each object that was judged; must neither throw nor wait. */
  readonly onJudged?: (judged: JudgedReview) => void;
}

/** Milliseconds before the server would answer by itself, at which what is known by then is answered with. */
const ownMargin = 150;

/** Judges reviews by the policies that count. */
export function reviewJudge(parts: ReviewJudgeParts): JudgeReview {
  return async (request, context) => {
    const sent = toResourceSubject(request);
    if (parts.passesOver(sent)) return plainAllowance;
    const policies = selectPolicies(parts.policies(), context, parts.hasOwnWebhooks);
    if (policies.length === 0) return plainAllowance;
    const { phase } = context;
    const { subject, verdict } = await within(parts.startTimer, context, async (signal) => {
      const known = await withKind(sent, parts.kindOf, signal);
      const question = { policies, subject: known, gate: 'admission', pins: phase === 'mutate' } as const;
      return { subject: known, verdict: await judgeResource(parts, question, signal) };
    });
    parts.onJudged?.({ subject, verdict, phase, dryRun: request.dryRun });
    return answerVerdict(request, verdict, policies, phase);
  };
}

/** With the kind of what it is sent to, where that is a part of something. */
async function withKind(
  subject: ResourceSubject,
  kindOf: KindOfResource | undefined,
  signal: AbortSignal,
): Promise<ResourceSubject> {
  const { subresource, request } = subject;
  if (subresource === '' || request?.resource === undefined || kindOf === undefined) return subject;
  const resourceKind = await kindOf(request.resource, signal);
  return resourceKind === undefined ? subject : { ...subject, request: { ...request, resourceKind } };
}

/** Policies that a path is for: the one that it names, or those that fail as it does and have no webhooks for themselves. */
function selectPolicies(
  policies: readonly ResourcePolicy[],
  { failurePolicy, policy }: Pick<ReviewContext, 'failurePolicy' | 'policy'>,
  hasOwnWebhooks: boolean,
): readonly ResourcePolicy[] {
  return policies.filter(
    (each) =>
      each.admission &&
      failureOf(each) === failurePolicy &&
      (policy === undefined ? !hasOwnWebhooks || !hasOwnWebhook(each) : each.id === policy),
  );
}

/** The failure policy that a policy's webhook has. */
export function failureOf({ unknown }: Pick<ResourcePolicy, 'unknown'>): FailurePolicy {
  return unknown === 'deny' ? 'fail' : 'ignore';
}

/** Ends a little before the server would, so that an answer says what was still missing. */
async function within<Value>(
  startTimer: StartTimer,
  { signal, timeLeft }: ReviewContext,
  act: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const ended = new AbortController();
  const stop = startTimer(Math.max(1, timeLeft - ownMargin), () => ended.abort(new Error('the time is over')));
  const end = (): void => ended.abort(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await act(ended.signal);
  } finally {
    stop();
    signal.removeEventListener('abort', end);
  }
}
