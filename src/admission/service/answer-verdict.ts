import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { ResourceVerdict, RuleResult } from '../../policy/resource/verdict.ts';
import { AdmissionError } from '../error.ts';
import { denialOf, type ReviewAnswer } from '../review/answer.ts';
import { buildPatch, type JsonPatch } from '../review/json-patch.ts';
import type { ReviewRequest } from '../review/model.ts';
import type { ReviewPhase } from '../server/model.ts';

/** The annotation in which tools around Kyverno look for what it verified (kyverno.io/docs, "Verify Images Rules"). */
const verifyImages = 'kyverno.io/verify-images';

const words = { passed: 'pass', failed: 'fail', skipped: 'skip', undecided: 'fail' } as const;

/**
 * What the API server is told of a verdict. Only a mutating webhook patches, and only what it lets through. An object that cannot get the
 * digests that a rule wants in it breaks that rule, whatever becomes of what cannot be judged (`failurePolicy`): what runs could be
 * another image than was verified (kyverno/kyverno#15705). A rule that denies denies it, and others warn of it.
 *
 * @throws AdmissionError PATCH_IMPOSSIBLE where the object cannot be annotated, and is to get no digests
 */
export function answerVerdict(
  { object }: Pick<ReviewRequest, 'object'>,
  verdict: ResourceVerdict,
  policies: readonly ResourcePolicy[],
  phase: ReviewPhase,
): ReviewAnswer {
  const said = { warnings: verdict.warnings, auditAnnotations: auditOf(verdict.results) };
  if (!verdict.allowed) return denialOf(verdict.message, said);
  if (phase !== 'mutate' || object === undefined) return { allowed: true, ...said };
  const values = verdict.pins.map(({ pointer, to }) => ({ pointer, value: to }));
  try {
    const patch: JsonPatch = buildPatch(object, { annotations: annotationsOf(verdict.results, policies), values });
    return { allowed: true, ...said, ...(patch.length === 0 ? {} : { patch }) };
  } catch (error) {
    if (!(error instanceof AdmissionError && error.code === 'PATCH_IMPOSSIBLE') || values.length === 0) throw error;
    return unpinned(error, verdict.results, said);
  }
}

/** The answer for an object that stays as it is though rules want digests in it. */
function unpinned(
  { code, message }: AdmissionError,
  results: readonly RuleResult[],
  said: Pick<ReviewAnswer, 'warnings' | 'auditAnnotations'>,
): ReviewAnswer {
  const wanting = results.filter(({ images }) =>
    images.some(({ pinned, image }) => pinned !== undefined && pinned !== image.image),
  );
  const denying = wanting.filter(({ action }) => action === 'deny');
  const names = (denying.length > 0 ? denying : wanting).map(({ policy, rule }) => `${policy}.${rule}`).join(', ');
  const sentence = `images cannot be called by the digests that were verified, which ${names} asks for (${code}): ${message}`;
  const auditAnnotations = { ...said.auditAnnotations, 'not-pinned': names };
  if (denying.length > 0) return denialOf(sentence, { ...said, auditAnnotations });
  return { allowed: true, warnings: [...said.warnings, sentence], auditAnnotations };
}

/** What stands in the audit log of the API server: rules that did not pass, and the digests that were judged. */
function auditOf(results: readonly RuleResult[]): Readonly<Record<string, string>> {
  const broken = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'undecided');
  const rules = broken.map(({ policy, rule, outcome, action }) => `${policy}/${rule}=${outcome}(${action})`);
  const images = results.flatMap(({ images: each }) =>
    each.flatMap(({ image, digest }) => (digest === undefined ? [] : [`${image.image}=${digest}`])),
  );
  return {
    ...(rules.length === 0 ? {} : { rules: rules.join(',') }),
    ...(images.length === 0 ? {} : { images: [...new Set(images)].join(',') }),
  };
}

/** By image, the worst that a policy of Kyverno said. It is for others to read: nothing here ever goes by it. */
function annotationsOf(
  results: readonly RuleResult[],
  policies: readonly ResourcePolicy[],
): Readonly<Record<string, string>> {
  const kyverno = new Set(policies.filter(({ dialect }) => dialect === 'kyverno').map(({ id }) => id));
  const worst = new Map<string, (typeof words)[keyof typeof words]>();
  for (const { policy, images } of results) {
    if (!kyverno.has(policy)) continue;
    for (const { name, pinned, outcome } of images) {
      const key = pinned ?? name;
      const word = words[outcome];
      const before = worst.get(key);
      if (before === undefined || word === 'fail' || (word === 'pass' && before === 'skip')) worst.set(key, word);
    }
  }
  if (worst.size === 0) return {};
  return { [verifyImages]: JSON.stringify(Object.fromEntries([...worst].sort(([a], [b]) => (a < b ? -1 : 1)))) };
}
