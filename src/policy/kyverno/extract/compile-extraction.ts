import type { Finding } from '../../../codec/yaml/mistake.ts';
import { errorMessage } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import { LangError } from '../../../lang/error.ts';
import { compileJmespath, type JmespathExpression } from '../../../lang/jmespath/evaluate.ts';
import { imagesOfPods, type ResourceImage, type ResourceImages } from '../../resource/images.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { ImageExtractor, KyvernoRule } from '../document/policy/model.ts';
import { kyvernoFunctions } from '../function/list.ts';
import { kyvernoLimits } from '../limits.ts';
import type { KyvernoSettings } from '../rule/model.ts';
import { extractImages, type Extractor } from './extractor.ts';

/** Finds the images of an object for a rule. @param now in milliseconds since 1970 */
export type ImagesOf = (subject: Pick<ResourceSubject, 'group' | 'kind' | 'object'>, now: number) => ResourceImages;

/** How a rule finds images, and what is wrong with what it says about that. */
export interface CompiledExtraction {
  readonly imagesOf: ImagesOf;
  /** Paths begin at the rule. */
  readonly mistakes: readonly Finding[];
}

/**
 * Compiles how a rule finds images: by its extractors for kinds that it has some for, which then count alone, and by what is known of
 * kinds that run pods. Extractors of Kyverno name kinds without their groups.
 */
export function compileExtraction(
  { imageExtractors = {} }: Pick<KyvernoRule, 'imageExtractors'>,
  { style, naming }: KyvernoSettings,
): CompiledExtraction {
  const mistakes: Finding[] = [];
  const byKind = new Map(
    Object.entries(imageExtractors).map(([kind, given]) => [
      kind,
      compileExtractors(given, ['imageExtractors', kind], mistakes),
    ]),
  );
  const functions = kyvernoFunctions(naming);
  const imagesOf: ImagesOf = (subject, now) => {
    const extractors = byKind.get(subject.kind);
    if (extractors === undefined) {
      const found = imagesOfPods(subject);
      const images = style.skipVolumes ? found.images.filter(({ group }) => group !== 'volumes') : found.images;
      return bounded(images, found.unreadable);
    }
    const images: ResourceImage[] = [];
    const unreadable: { pointer: string; why: string }[] = [];
    const sink = {
      take: (image: ResourceImage) => void images.push(image),
      tell: (pointer: string, why: string) => void unreadable.push({ pointer, why }),
    };
    // Whatever it is asked, an object has the same images each time.
    const environment = { functions, now: () => now, random: () => 0 };
    for (const extractor of extractors) extractImages(extractor, subject.object, environment, sink);
    return bounded(images, unreadable);
  };
  return { imagesOf, mistakes };
}

/** What is more than there may be is not looked at, and told. */
function bounded(images: readonly ResourceImage[], unreadable: ResourceImages['unreadable']): ResourceImages {
  const most = kyvernoLimits.images;
  if (images.length + unreadable.length <= most) return { images, unreadable };
  const why = `it names more than ${most} images`;
  return { images: images.slice(0, most), unreadable: [...unreadable.slice(0, most), { pointer: '', why }] };
}

function compileExtractors(
  given: readonly ImageExtractor[],
  path: readonly (string | number)[],
  mistakes: Finding[],
): readonly Extractor[] {
  if (given.length === 0)
    mistakes.push({ path, sentence: 'has no extractor, so that no image would be found; add one' });
  if (given.length > kyvernoLimits.extractors) {
    mistakes.push({ path, sentence: `has more than ${kyvernoLimits.extractors} extractors; write fewer` });
  }
  return given.flatMap((each, at) => compileExtractor(each, [...path, at], mistakes) ?? []);
}

function compileExtractor(
  { path: way, value, name, key, jmesPath }: ImageExtractor,
  path: readonly (string | number)[],
  mistakes: Finding[],
): Extractor | undefined {
  const steps = way
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const member = value === undefined || value === '' ? steps.pop() : value;
  if (member === undefined) {
    mistakes.push({ path: [...path, 'path'], sentence: 'names no member; write one, as in /spec/steps/*' });
    return undefined;
  }
  if (member === '*') {
    mistakes.push({ path: [...path, 'path'], sentence: 'ends with *; write in value which member names the image' });
    return undefined;
  }
  let transform: JmespathExpression | undefined;
  try {
    if (jmesPath !== undefined && jmesPath !== '') transform = compileJmespath(jmesPath);
  } catch (error) {
    if (!(error instanceof LangError)) throw error;
    mistakes.push({ path: [...path, 'jmesPath'], sentence: `cannot be used: ${printable(errorMessage(error), 200)}` });
  }
  return {
    path: steps,
    value: member,
    group: name === undefined || name === '' ? 'custom' : name,
    key: key === '' ? undefined : key,
    transform,
  };
}
