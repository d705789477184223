import { compareText } from '../../../base/compare-text.ts';
import type { ImageFacts, SbomFacts, Subject } from '../../evidence.ts';

/** The subject, as expressions see it. */
export function subjectValue(subject: Subject): Readonly<Record<string, unknown>> {
  const { gate, registry, repository, source, tags, digest, platform, named, kind } = subject;
  return {
    gate,
    repository,
    source,
    kind,
    named: named ?? 'digest',
    ...(digest === undefined ? {} : { digest }),
    ...(registry === undefined ? {} : { registry }),
    ...(tags === undefined ? {} : { tags: [...tags].sort() }),
    ...(platform === undefined ? {} : { platform: { ...platform } }),
  };
}

/** What the image's config says, as expressions see it. */
export function imageValue({ created, ...rest }: ImageFacts): Readonly<Record<string, unknown>> {
  return { ...rest, ...(created === undefined ? {} : { created: new Date(created) }) };
}

/** Bills of materials, as expressions see them. */
export function sbomValue(sboms: readonly SbomFacts[]): readonly Readonly<Record<string, unknown>>[] {
  return sboms
    .map(({ format, digest }) => ({ format, digest: digest as string }))
    .sort((a, b) => compareText(a.digest, b.digest) || compareText(a.format, b.format));
}
