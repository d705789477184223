import { denialText, warningTexts } from './explain.ts';
import type {
  ImageCheck,
  Lookup,
  ResourceInput,
  ResourcePolicy,
  ResourceRule,
  RuleAnswer,
  RuleDecision,
} from './policy.ts';
import type { Pin, ResourceVerdict, RuleResult } from './verdict.ts';

/** What policies need to know before they can judge an object. */
export interface ResourceNeeds {
  readonly lookups: readonly Lookup[];
  readonly images: readonly ImageCheck[];
}

/** What came of asking policies about an object: their verdict, or what they need to know for it. */
export type ResourceAnswer =
  | { readonly verdict: ResourceVerdict; readonly needs?: undefined }
  | { readonly verdict?: undefined; readonly needs: ResourceNeeds };

/**
 * What policies say of an object, from what is known of it. A gate asks, looks up what is needed, and asks again with that; as each
 * rule asks for the same again only where it is not there, this ends. Each policy is asked whatever another says, so that a denial
 * tells everything at once.
 *
 * @param settled what rules said of the same object when less was known of it, which they are not asked again; what they say now is added.
 * A rule asks for whatever its answer hangs on, so that nothing that another one asked for changes what it said
 */
export function evaluateResource(
  policies: readonly ResourcePolicy[],
  input: ResourceInput,
  settled: Map<ResourceRule, RuleAnswer> = new Map(),
): ResourceAnswer {
  const lookups = new Map<string, Lookup>();
  const images = new Map<string, ImageCheck>();
  const results: RuleResult[] = [];
  const isAudit = input.subject.operation === 'audit';
  const asked = policies.filter(({ admission, background }) => (isAudit ? background : admission));
  for (const policy of asked.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))) {
    for (const rule of policy.rules) {
      const answer = settled.get(rule) ?? rule.judge(input);
      if (answer.kind !== 'needs') settled.set(rule, answer);
      if (answer.kind === 'notAbout') continue;
      if (answer.kind === 'needs') {
        for (const each of answer.lookups) lookups.set(each.key, each);
        for (const each of answer.images) images.set(each.key, each);
        // Whether a further rule is asked at all is not known before.
        if (policy.firstRuleOnly) break;
        continue;
      }
      results.push(resultOf(policy, rule.name, answer));
      // A rule that its own conditions pass over, or that may not be about the object, is not the one.
      if (policy.firstRuleOnly && (answer.outcome === 'passed' || answer.outcome === 'failed')) break;
    }
  }
  if (lookups.size + images.size > 0)
    return { needs: { lookups: [...lookups.values()], images: [...images.values()] } };
  const denying = results.filter(({ denies }) => denies);
  return {
    verdict: {
      allowed: denying.length === 0,
      results,
      message: denying.length === 0 ? '' : denialText(input.subject, denying),
      warnings: warningTexts(results, notesOf(input)),
      pins: pinsOf(results),
    },
  };
}

function notesOf({ images }: ResourceInput): string[] {
  const answers = [...images.values()].flatMap((each) => (each.state === 'known' ? [each.value] : []));
  return [...new Set(answers.flatMap(({ note }) => (note === undefined ? [] : [note])))].sort();
}

function resultOf(
  { id, unknown }: ResourcePolicy,
  rule: string,
  { kind: _kind, ...decision }: RuleDecision,
): RuleResult {
  const { outcome, action } = decision;
  const counts = outcome === 'failed' || (outcome === 'undecided' && unknown === 'deny');
  return { policy: id, rule, ...decision, denies: counts && action === 'deny' };
}

/**
 * Every place once: what a name stands for is looked up once, so that rules cannot want different digests for it. What a rule found
 * wrong is not put in; what it left out is called by its digest where the rule asks for that, as Kyverno does (`skipImageReferences`).
 */
function pinsOf(results: readonly RuleResult[]): Pin[] {
  const pins = new Map<string, Pin>();
  for (const { images } of results) {
    for (const { image, outcome, pinned } of images) {
      const isGood = outcome === 'passed' || outcome === 'skipped';
      if (!isGood || pinned === undefined || pinned === image.image) continue;
      pins.set(image.pointer, { pointer: image.pointer, from: image.image, to: pinned });
    }
  }
  return [...pins.values()];
}
