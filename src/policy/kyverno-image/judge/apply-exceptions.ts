import { LangError } from '../../../lang/error.ts';
import type { ImageResult, ResourceInput } from '../../resource/policy.ts';
import type { CompiledException } from '../exception/compile-exception.ts';
import type { ImageValidationRule } from './model.ts';
import { NotYetKnown } from './not-yet-known.ts';
import { podImages } from './object-images.ts';
import type { ObjectJudging } from './object-judging.ts';

/** What exceptions leave of an object. */
export interface Excepted {
  /** The one that all of it is excepted by. */
  readonly whole?: CompiledException;
  readonly isExcepted: (image: string) => boolean;
  /** What expressions see as `exceptions`. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Images that are excepted, of the object's own. */
  readonly images: readonly ImageResult[];
}

/**
 * Takes out what exceptions say. One that names images is about these alone, and the others of the object are judged
 * (kyverno/policies#1530).
 *
 * @throws NotYetKnown
 */
export function applyExceptions(
  rule: ImageValidationRule,
  input: ResourceInput,
  judging: ObjectJudging,
  values: Readonly<Record<string, unknown>>,
): Excepted {
  const about = rule.exceptions.filter(
    ({ until, conditions }) =>
      (until === undefined || input.now < until) && conditions.every((each) => holds(judging, each, values)),
  );
  const whole = about.find(({ image }) => image === undefined);
  const byImage = (image: string): CompiledException | undefined => about.find((each) => each.image?.(image) === true);
  const places = podImages(input.subject, rule.settings.style.skipVolumes).images;
  return {
    ...(whole === undefined ? {} : { whole }),
    isExcepted: (image) => byImage(image) !== undefined,
    values: {
      allowedImages: about.flatMap(({ allowedImages }) => allowedImages),
      allowedValues: about.flatMap(({ allowedValues }) => allowedValues),
    },
    images: places.flatMap((image): readonly ImageResult[] => {
      const by = byImage(image.image);
      if (by === undefined) return [];
      const outcome = by.passes ? 'passed' : 'skipped';
      return [{ image, name: image.image, outcome, message: `exception ${by.id} is about it` }];
    }),
  };
}

/** What cannot be told excepts nothing. */
function holds(
  judging: ObjectJudging,
  condition: CompiledException['conditions'][number],
  values: Readonly<Record<string, unknown>>,
): boolean {
  try {
    return judging.holds(condition, values);
  } catch (error) {
    if (error instanceof NotYetKnown || !(error instanceof LangError)) throw error;
    return false;
  }
}
