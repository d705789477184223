import type { ImageResult, RuleAnswer } from '../../resource/policy.ts';
import type { ResourceImage, ResourceImages } from '../../resource/images.ts';
import { formatKyvernoImage, type ImageNaming, parseKyvernoImage } from '../image-name.ts';
import type { JudgingScope } from '../rule/scope.ts';
import type { ExceptionFrom } from './compile-exceptions.ts';

/** What exceptions leave of an object for a rule. */
export type Excepted =
  /** All of it is excepted, by this one. */
  | { readonly by: string }
  | {
      readonly by?: undefined;
      /** Images that are left; absent where all are. */
      readonly images?: ResourceImages;
      readonly excepted: readonly { readonly image: ResourceImage; readonly by: string }[];
    };

/**
 * Takes out what exceptions say. A rule about images goes on with the others; any other rule is about the object as a whole, and is only
 * passed over where one exception is about all of its images, or about the object.
 *
 * @throws NeedsLookup
 */
export function applyExceptions(
  exceptions: readonly ExceptionFrom[],
  scope: JudgingScope,
  isAboutImages: boolean,
): Excepted {
  if (exceptions.length === 0) return { excepted: [] };
  const { images, unreadable } = scope.images;
  const about = exceptions.filter(({ isAbout }) => isAbout(scope));
  const whole = about.find(({ image }) => {
    if (image === undefined) return true;
    return images.length > 0 && unreadable.length === 0 && images.every((each) => image(each.image));
  });
  if (whole !== undefined) return { by: whole.id };
  if (!isAboutImages) return { excepted: [] };
  const excepted: { image: ResourceImage; by: string }[] = [];
  const left = images.filter((each) => {
    const by = about.find(({ image }) => image?.(each.image) === true);
    if (by !== undefined) excepted.push({ image: each, by: by.id });
    return by === undefined;
  });
  return { images: { images: left, unreadable }, excepted };
}

/**
 * Tells of excepted images beside those that were looked at, and of them alone where the rule is about no other.
 *
 * @param action what becomes of an object that breaks the rule
 */
export function withExcepted(
  answer: RuleAnswer,
  excepted: (Excepted & { by?: undefined })['excepted'],
  action: () => 'deny' | 'audit',
  naming: ImageNaming,
): RuleAnswer {
  if (answer.kind === 'needs' || excepted.length === 0) return answer;
  const skipped = excepted.map(({ image, by }): ImageResult => {
    const named = parseKyvernoImage(image.image, naming);
    const name = named === undefined ? image.image : formatKyvernoImage(named);
    return { image, name, outcome: 'skipped', message: `exception ${by} is about it` };
  });
  if (answer.kind === 'decided') return { ...answer, images: [...answer.images, ...skipped] };
  const message = 'exceptions are about all of its images';
  return { kind: 'decided', outcome: 'skipped', action: action(), message, images: skipped };
}
