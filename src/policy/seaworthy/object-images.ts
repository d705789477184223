import { compileExtraction, type ImagesOf } from '../kyverno/extract/compile-extraction.ts';
import { usualNaming } from '../kyverno/image-name.ts';
import { type KindSelector, selectsKind } from '../kyverno/match/kind-selector.ts';
import type { KyvernoSettings } from '../kyverno/rule/model.ts';
import { strictStyle } from '../kyverno/style.ts';
import { imagesOfPods, type ResourceImages } from '../resource/images.ts';
import type { ClusterMatch, ImageResource } from './model.ts';
import { isWorkload, kindNames, registeredWorkloads } from './workload-kinds.ts';

/** As policies of Kyverno are read when nothing is said. */
const settings: KyvernoSettings = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };

/** What is wrong with where images of a kind are said to be; paths begin at the resource. */
export function mistakesOfResource(resource: ImageResource): ReturnType<typeof compileExtraction>['mistakes'] {
  return extractionOf(resource).mistakes.map(({ path, sentence }) => ({
    path: ['images', ...path.slice(2)],
    sentence,
  }));
}

/** Kinds with pods that a match is about: all where it names no kind of any sort. */
export function workloadsOf({ kinds, resources }: ClusterMatch): readonly string[] {
  return kinds ?? (resources === undefined ? kindNames : []);
}

/** Compiles whether an object is of a kind that a match is about, by its pods or by its own images. */
export function compileKinds(
  match: ClusterMatch,
): (of: Parameters<typeof isWorkload>[0] & { readonly version: string }) => boolean {
  const selectors = (match.resources ?? []).map(selectorOf);
  const workloads = workloadsOf(match);
  return (of) => isWorkload(of, workloads) || selectors.some((each) => selectsKind(each, of));
}

/**
 * Compiles how the images of objects are found: in what Kubernetes' own kinds run, and where a match says that other kinds have some. What
 * is wanted of one object by several of these counts together.
 */
export function compileObjectImages(match: ClusterMatch): ImagesOfObject {
  const workloads = workloadsOf(match);
  const own = (match.resources ?? []).map((each) => ({
    selector: selectorOf(each),
    imagesOf: extractionOf(each).imagesOf,
  }));
  return (subject, now) => {
    const found: ResourceImages[] = own.flatMap(({ selector, imagesOf }) =>
      selectsKind(selector, subject) ? [imagesOf(subject, now)] : [],
    );
    if (isWorkload(subject, workloads)) found.unshift(imagesOfPods(subject));
    const [first, ...more] = found;
    if (first !== undefined && more.length === 0) return first;
    const images = new Map(found.flatMap((each) => each.images.map((image) => [image.pointer, image] as const)));
    return { images: [...images.values()], unreadable: found.flatMap(({ unreadable }) => unreadable) };
  };
}

/** Finds the images of an object. @param now in milliseconds since 1970 */
export type ImagesOfObject = (
  subject: Parameters<ImagesOf>[0] & { readonly version: string; readonly subresource: string },
  now: number,
) => ResourceImages;

/** As those who register a webhook name the kinds of a match, in which a star is any group, version or part. */
export function registeredKinds(match: ClusterMatch): readonly string[] {
  const own = (match.resources ?? []).map(selectorOf).map(({ group, version, kind, subresource }) => {
    const name = `${group}/${version}/${kind}`;
    return subresource === '' ? name : `${name}/${subresource}`;
  });
  return [...new Set([...registeredWorkloads(workloadsOf(match)), ...own])];
}

function selectorOf({ group = '*', version = '*', kind, subresource = '' }: ImageResource): KindSelector {
  return { group, version, kind, subresource };
}

function extractionOf({ kind, images }: ImageResource): ReturnType<typeof compileExtraction> {
  return compileExtraction({ imageExtractors: { [kind]: images } }, settings);
}
