import type { Finding } from '../../../codec/yaml/mistake.ts';
import { policyLimits } from '../../limits.ts';
import type { ResourceImages } from '../../resource/images.ts';
import { isDeleted } from '../../resource/is-deleted.ts';
import type { ImageResult, ResourceOutcome, RuleAnswer } from '../../resource/policy.ts';
import { isOnlyScaledDown } from '../../resource/unchanged.ts';
import type { KyvernoRule } from '../document/policy/model.ts';
import { compileExtraction, type ImagesOf } from '../extract/compile-extraction.ts';
import type { KyvernoSettings, RuleBody, RuleScope } from '../rule/model.ts';
import { adviceOf } from './advice.ts';
import { compileEntry, type VerificationEntry } from './compile-entry.ts';
import { ImageJudge } from './judge-images.ts';

/** A rule with `verifyImages`, compiled. */
export interface CompiledVerification {
  readonly body: RuleBody;
  /** What makes the rule useless; then its body decides nothing, and lets nothing pass. Paths begin at the rule. */
  readonly mistakes: readonly Finding[];
  /** What is allowed and is hardly meant. */
  readonly advice: readonly Finding[];
}

/** Variables that expressions have whatever the rule says (Kyverno, "Variables"). */
export const usualNames: readonly string[] = [
  'request',
  'images',
  'image',
  'serviceAccountName',
  'serviceAccountNamespace',
];

/**
 * Compiles a rule that verifies images (Kyverno, "Verify Images Rules"). Each entry becomes a policy about images, and the rule asks for
 * each of the object's images that the entry is about. Nothing that stands in the object says that an image was verified, so that what
 * was judged before is judged again.
 *
 * @param policyId as it is told in verdicts: `check-images`, and `team/check-images` for a policy of a namespace
 */
export function compileVerification(
  rule: KyvernoRule,
  policyId: string,
  settings: KyvernoSettings,
): CompiledVerification {
  const found: Finding[] = [];
  const slash = policyId.indexOf('/');
  const owner = slash < 0 ? undefined : policyId.slice(0, slash);
  const { verifyImages = [], imageExtractors = {} } = rule;
  const entries = verifyImages.map((entry, at) =>
    compileEntry(entry, ['verifyImages', at], { ...settings, owner }, found),
  );
  if (verifyImages.length === 0) found.push({ path: ['verifyImages'], sentence: 'has no entries; add one' });
  const isMade = Object.values(imageExtractors).some((list) => list.some(({ jmesPath = '' }) => jmesPath !== ''));
  for (const { path, mutateDigest } of isMade ? entries : []) {
    if (mutateDigest === false) continue;
    const sentence =
      'must be false where an extractor has a jmesPath: what was made of a text cannot be put in its place';
    found.push({ path: [...path, 'mutateDigest'], sentence });
  }
  const mistakes = distinct(found);
  const advice = verifyImages.flatMap((entry, at) => adviceOf(entry, ['verifyImages', at]));
  if (mistakes.length > 0) return { body: () => unusable, mistakes, advice };
  const names = [...new Set([...usualNames, ...(rule.context ?? []).map(({ name }) => name)])];
  const { imagesOf } = compileExtraction(rule, settings);
  return { body: (scope) => judge(scope, entries, settings, names, imagesOf), mistakes, advice };
}

const unusable: RuleAnswer = {
  kind: 'decided',
  outcome: 'undecided',
  action: 'deny',
  message: 'the rule cannot be carried out as it is written; correct what the policy was refused for',
  images: [],
};

function judge(
  scope: RuleScope,
  entries: readonly VerificationEntry[],
  settings: KyvernoSettings,
  contextNames: readonly string[],
  imagesOf: ImagesOf,
): RuleAnswer {
  const { images, input } = scope;
  // Nothing of what is deleted runs any more.
  if (input.subject.operation === 'DELETE' || images.images.length + images.unreadable.length === 0) {
    return { kind: 'notAbout' };
  }
  const action = actionOf(entries, scope.action);
  const judge = new ImageJudge({ scope, entries, settings, action, contextNames });
  const results = images.images.flatMap((image) => judge.judge(image) ?? []);
  if (results.length + images.unreadable.length === 0) return { kind: 'notAbout' };
  if (isEnding(scope, imagesOf)) {
    const message = 'it is being deleted, and its images are as they were';
    return { kind: 'decided', outcome: 'skipped', action, message, images: [] };
  }
  if (isOnlyScaledDown(input.subject, (of) => imagesOf(of, input.now))) {
    const message = 'it is scaled down, and its images are as they were';
    return { kind: 'decided', outcome: 'skipped', action, message, images: [] };
  }
  const [lookups, checks] = [[...judge.lookups.values()], [...judge.checks.values()]];
  if (lookups.length + checks.length > 0) return { kind: 'needs', lookups, images: checks };
  return decide(results, images.unreadable, action);
}

/** In Kyverno, one entry that enforces makes the rule do so; what entries say comes before what the policy says. */
function actionOf(entries: readonly VerificationEntry[], otherwise: 'deny' | 'audit'): 'deny' | 'audit' {
  const said = entries.flatMap(({ action }) => action ?? []);
  return said.includes('deny') ? 'deny' : (said[0] ?? otherwise);
}

/**
 * Whether all that is still to be done with an object is to let it go. Whoever removes the last finalizer must be able to do so, whatever
 * the images (kyverno/policies#1293), and must not put in another one (CVE-2023-34091). What the API server keeps as the object counts.
 */
function isEnding({ images, input: { subject, now } }: RuleScope, imagesOf: ImagesOf): boolean {
  const { operation, object, oldObject } = subject;
  if (operation !== 'UPDATE' || oldObject === undefined || !isDeleted(object) || !isDeleted(oldObject)) return false;
  const before = imagesOf({ ...subject, object: oldObject }, now);
  const were = new Set(before.images.map(({ image }) => image));
  const unreadable = new Set(before.unreadable.map(({ pointer }) => pointer));
  return (
    images.images.every(({ image }) => were.has(image)) &&
    images.unreadable.every(({ pointer }) => unreadable.has(pointer))
  );
}

function decide(
  images: readonly ImageResult[],
  unreadable: ResourceImages['unreadable'],
  action: 'deny' | 'audit',
): RuleAnswer {
  const broken = unreadable.map(
    ({ pointer, why }) => `failed to verify image at ${pointer === '' ? '/' : pointer}: ${why}`,
  );
  const outcome = broken.length > 0 ? 'failed' : worstOf(images);
  const told = images.filter((each) =>
    outcome === 'skipped' ? true : each.outcome === 'failed' || each.outcome === 'undecided',
  );
  const messages = outcome === 'passed' ? [] : [...new Set([...told.map(({ message }) => message), ...broken])];
  const most = policyLimits.toldRules;
  const more = messages.length > most ? [`and ${messages.length - most} more`] : [];
  // Kyverno warns of what it skips too; it stands in a list that is seldom read again.
  const skipped = images.filter((each) => each.outcome === 'skipped').map((each) => each.message);
  const notes = [...new Set(skipped)].slice(0, most);
  return {
    kind: 'decided',
    outcome,
    action,
    message: [...messages.slice(0, most), ...more].join('; '),
    images,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function worstOf(images: readonly ImageResult[]): ResourceOutcome {
  const order = ['failed', 'undecided', 'passed', 'skipped'] as const;
  return order.find((each) => images.some(({ outcome }) => outcome === each)) ?? 'passed';
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).values()];
}
