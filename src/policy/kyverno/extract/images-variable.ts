import { printable } from '../../../base/printable.ts';
import { LangError } from '../../../lang/error.ts';
import { type JsonObject, type JsonValue, objectOf } from '../../../lang/jmespath/value.ts';
import type { ResourceImage, ResourceImages } from '../../resource/images.ts';
import { formatKyvernoImage, type ImageNaming, type KyvernoImage, parseKyvernoImage } from '../image-name.ts';

/**
 * The variable `images` (Kyverno, "Variables from Container Images"): by what images are called together, `containers`, then by the name
 * of each. What is empty is left out, as there.
 *
 * @throws LangError EVALUATION where an image cannot be read: an expression that passed it over would see less than what runs
 */
export function imagesVariable({ images, unreadable }: ResourceImages, naming: ImageNaming): JsonObject {
  const [first] = unreadable;
  if (first !== undefined) {
    throw new LangError('EVALUATION', `An image of the object cannot be read at ${first.pointer}: ${first.why}`);
  }
  const groups = new Map<string, Map<string, JsonObject>>();
  for (const each of images) {
    const group = groups.get(each.group) ?? new Map<string, JsonObject>();
    // Names are unique in what the API server keeps. Before, nothing hides behind another one of the same name.
    let { name } = each;
    for (let at = 2; group.has(name); at += 1) name = `${each.name} (${at})`;
    groups.set(each.group, group.set(name, describe(each, naming)));
  }
  return objectOf([...groups].map(([name, group]) => [name, objectOf(group)] as const));
}

function describe({ image, pointer }: ResourceImage, naming: ImageNaming): JsonObject {
  const named = parseKyvernoImage(image, naming);
  if (named === undefined) {
    throw new LangError('EVALUATION', `"${printable(image)}" at ${pointer} is no name of an image`);
  }
  const members: readonly (readonly [string, JsonValue])[] = Object.entries(imageVariable(named));
  return objectOf([...members.filter(([, text]) => text !== ''), ['jsonPointer', pointer]]);
}

/** The variable `image`: the one that is verified. Unlike in `images`, what it has not is an empty text. */
export function imageVariable(image: KyvernoImage): JsonObject {
  const { registry, path, name, tag, digest } = image;
  const repository = registry === '' ? path : `${registry}/${path}`;
  const reference = formatKyvernoImage(image);
  return { registry, path, name, tag, digest, reference, referenceWithTag: `${repository}:${tag}` };
}
