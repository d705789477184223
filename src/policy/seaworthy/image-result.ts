import { printable } from '../../base/printable.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { Gathered } from '../evidence.ts';
import { policyLimits } from '../limits.ts';
import type { Policy, Rule } from '../model.ts';
import type { ResourceImage } from '../resource/images.ts';
import type { ImageAnswer, ImageResult, ResourceOutcome } from '../resource/policy.ts';
import type { RuleVerdict } from '../verdict.ts';
import { helpOf } from '../explain/help-of.ts';

/** What a rule says of something that is no name of an image: nobody can tell what would run there. */
export function unnamedResult(image: ResourceImage): ImageResult {
  const name = printable(image.image, policyLimits.told);
  return { image, name, outcome: 'failed', message: `"${name}" (${image.pointer}) is no name of an image.` };
}

/** An answer; without a digest where what the image is called was enough. */
type KnownAnswer = Pick<ImageAnswer, 'verdict'> & Partial<ImageAnswer>;

/** What a rule says of an image, from what came of judging it by the rule's policy. */
export function imageResult(
  rule: Rule,
  image: ResourceImage,
  reference: Reference,
  answer: Gathered<KnownAnswer> | undefined,
  { exceptionHelp }: Pick<Policy, 'exceptionHelp'>,
): ImageResult {
  const name = formatReference(reference);
  if (answer?.state !== 'known') {
    return { image, name, outcome: 'undecided', message: `${name} ${whyNotKnown(answer)}.` };
  }
  const { digest, verdict } = answer.value;
  const found = verdict.rules.find((each) => each.rule === rule.name);
  const outcome = outcomeOf(found);
  const pins = verdict.pin && reference.digest === undefined && digest !== undefined;
  const pinned = pins ? formatReference({ ...reference, digest }) : undefined;
  return {
    image,
    name,
    outcome,
    message:
      found === undefined || outcome === 'passed' || outcome === 'skipped'
        ? ''
        : imageMessage(name, answer.value, found, helpOf(rule, found), exceptionHelp),
    ...(digest === undefined ? {} : { digest }),
    ...(pinned === undefined ? {} : { pinned }),
  };
}

function whyNotKnown(answer: Gathered<KnownAnswer> | undefined): string {
  switch (answer?.state) {
    case 'absent':
      return 'is not in its registry';
    case 'unavailable':
      return `could not be looked at: ${answer.reason}`;
    default:
      return 'is still being looked at';
  }
}

function outcomeOf(verdict: RuleVerdict | undefined): ResourceOutcome {
  switch (verdict?.outcome) {
    case 'violated':
      return 'failed';
    case 'undecided':
      return 'undecided';
    case 'passed':
      return 'passed';
    // An exception, something that is no image, or a scope that has no place for it.
    default:
      return 'skipped';
  }
}

function imageMessage(
  name: string,
  { digest }: KnownAnswer,
  { sentence }: RuleVerdict,
  help: string | undefined,
  exceptionHelp: string | undefined,
): string {
  const at = name.includes('@') || digest === undefined ? name : `${name}@${digest}`;
  const rest = [help, exceptionHelp === undefined ? undefined : `For an exception: ${exceptionHelp}`];
  return [`${at}: ${sentence}`, ...rest.filter((part) => part !== undefined).map(withStop)].join(' ');
}

function withStop(text: string): string {
  const clean = printable(text, policyLimits.text).trim();
  return /[.!?]$/.test(clean) ? clean : `${clean}.`;
}
