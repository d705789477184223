import { policyLimits } from '../../limits.ts';
import { imagesOfPods, type ResourceImages } from '../../resource/images.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { ImageResult, ResourceInput, RuleAnswer } from '../../resource/policy.ts';
import { isEnding, isScalingDown } from '../../resource/unchanged.ts';
import { matchesResource } from '../match-resource.ts';
import type { PolicyControllerSettings } from '../settings.ts';
import { ImageQuestions } from './ask-image.ts';
import type { CompiledImagePolicy } from './compiled-policy.ts';
import { type ImageJudging, judgeImage } from './judge-image.ts';

/** Judges an object by one policy: each of its images that the policy is about must satisfy it. */
export function judgeObject(
  policy: CompiledImagePolicy,
  input: ResourceInput,
  parts: Pick<ImageJudging, 'settings' | 'bare'>,
): RuleAnswer {
  if (!matchesResource(policy.match, input.subject)) return { kind: 'notAbout' };
  return judgeImages(input, policy.mode, parts, (image, judging) => judgeImage(policy, image, judging));
}

/** Says something of one image. */
export type SayOfImage = (
  image: ResourceImages['images'][number],
  judging: ImageJudging,
) => ImageResult | 'notAbout' | 'needs';

/** Asks about each image of an object. What one says keeps no other from being asked, so that all is known at once. */
export function judgeImages(
  input: ResourceInput,
  action: 'deny' | 'warn',
  { settings, bare }: Pick<ImageJudging, 'settings' | 'bare'>,
  say: SayOfImage,
): RuleAnswer {
  const { subject } = input;
  // Nothing of what is deleted or only looked at runs because of that.
  if (subject.operation === 'DELETE' || subject.operation === 'CONNECT' || subject.subresource === 'status') {
    return { kind: 'notAbout' };
  }
  const imagesOf = (of: ResourceSubject): ResourceImages => podImages(of, settings);
  const { images, unreadable } = imagesOf(subject);
  if (images.length + unreadable.length === 0) return { kind: 'notAbout' };
  if (isEnding(subject, imagesOf) || isScalingDown(subject, imagesOf)) {
    const message = 'it is being deleted or scaled down, and its images are as they were';
    return { kind: 'decided', outcome: 'skipped', action, message, images: [] };
  }
  const questions = new ImageQuestions(input);
  const answers = images.map((image) => say(image, { input, questions, settings, bare }));
  if (questions.checks.size > 0) return { kind: 'needs', lookups: [], images: [...questions.checks.values()] };
  const results = answers.filter((each) => typeof each !== 'string');
  if (results.length + unreadable.length === 0) return { kind: 'notAbout' };
  const outcome =
    unreadable.length > 0 || results.some((each) => each.outcome === 'failed')
      ? 'failed'
      : results.some((each) => each.outcome === 'undecided')
        ? 'undecided'
        : 'passed';
  const messages = [
    ...unreadable.map(({ pointer, why }) => `${pointer} should name an image: ${why}`),
    ...results.filter((each) => each.outcome !== 'passed').map(({ message }) => message),
  ];
  const message = [...new Set(messages)].join('; ').slice(0, policyLimits.message);
  return { kind: 'decided', outcome, action, message, images: results };
}

/** Where policy-controller's older releases pass images of volumes over, they are looked at here. */
function podImages(subject: ResourceSubject, { exact }: PolicyControllerSettings): ResourceImages {
  const found = imagesOfPods(subject);
  if (!exact) return found;
  return { ...found, images: found.images.filter(({ group }) => group !== 'volumes') };
}
