import { LangError } from '../../../lang/error.ts';
import { imagesOfPods, type ResourceImage, type ResourceImages } from '../../resource/images.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import { kyvernoImageLimits } from '../limits.ts';
import { matchesReference } from '../images/match-reference.ts';
import type { ImageValidationRule } from './model.ts';

/** Images of an object that a policy is about. */
export interface ObjectImages {
  /** What expressions see as `images`. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Places of them in the object; what extractors give has none. */
  readonly places: readonly ResourceImage[];
  /** Each once, as written. */
  readonly names: readonly string[];
}

/** Names of lists, where they are others than of the places. */
const listNames: Readonly<Record<string, string>> = { volumes: 'imageVolumes' };

/** The lists that objects with pods have in any case. */
const podLists = ['containers', 'initContainers', 'ephemeralContainers', 'imageVolumes'] as const;

/** The images of an object's pods. */
export function podImages(subject: ResourceSubject, skipVolumes: boolean): ResourceImages {
  const found = imagesOfPods(subject);
  return skipVolumes ? { ...found, images: found.images.filter(({ group }) => group !== 'volumes') } : found;
}

/**
 * Finds the images that a policy is about and that no exception leaves out.
 *
 * @param extract gives what an extractor finds
 * @throws LangError for what should name an image and does not, and for too many
 */
export function objectImages(
  rule: ImageValidationRule,
  subject: ResourceSubject,
  extract: (extractor: ImageValidationRule['extractors'][number]) => unknown,
  isExcepted: (image: string) => boolean,
): ObjectImages {
  const { style } = rule.settings;
  const { images, unreadable } = podImages(subject, style.skipVolumes);
  const [wrong] = unreadable;
  if (wrong !== undefined) throw new LangError('EVALUATION', `${wrong.pointer} names no image: ${wrong.why}`);
  const wanted = (name: string): boolean => matchesReference(rule.references, name, style.aliases) && !isExcepted(name);
  const lists = new Map<string, string[]>(podLists.map((name) => [name, []]));
  const places = images.filter(({ image }) => wanted(image));
  for (const { group, image } of places) {
    const name = listNames[group] ?? group;
    lists.set(name, [...(lists.get(name) ?? []), image]);
  }
  for (const extractor of rule.extractors) {
    const found = extract(extractor);
    if (!Array.isArray(found) || !found.every((each) => typeof each === 'string')) {
      throw new LangError('EVALUATION', `What images.${extractor.name} gives is no list of texts`);
    }
    lists.set(extractor.name, (found as readonly string[]).filter(wanted));
  }
  const names = [...new Set([...lists.values()].flat())];
  if (names.length > kyvernoImageLimits.images) {
    throw new LangError('LIMIT_EXCEEDED', `The object has more than ${kyvernoImageLimits.images} images`);
  }
  return { lists: Object.fromEntries(lists), places, names };
}
