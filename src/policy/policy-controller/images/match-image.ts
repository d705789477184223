import type { Digest } from '../../../oci/digest.ts';
import type { Reference } from '../../../oci/reference.ts';
import { nameEndings, repositorySpellings } from '../../resource/image-spellings.ts';
import type { ImageGlob } from './glob.ts';

/** Stands for any digest: what a pattern without one says of names with a digest does not hang on which. */
const anyDigest = `sha256:${'0'.repeat(64)}`;

/** An image whose name is compared with patterns. */
export interface MatchedImage {
  readonly reference: Reference;
  /** As it stands in the object. */
  readonly written: string;
  /** What its name stands for; undefined where nobody looked. */
  readonly digest: Digest | undefined;
}

/**
 * Whether one of the patterns is about an image; `needsDigest` where that hangs on what its tag stands for. policy-controller puts digests
 * in first and compares then, when no tag is left; here a name matches with its tag as well as with its digest.
 *
 * @param exact whether only the spellings count that policy-controller knows: the canonical one, and the one of the object
 */
export function matchImage(
  globs: readonly ImageGlob[],
  { reference, written, digest }: MatchedImage,
  exact: boolean,
): 'yes' | 'no' | 'needsDigest' {
  const spellings = repositorySpellings(reference);
  const repositories = exact ? spellings.slice(0, 1) : spellings;
  const known = digest ?? reference.digest;
  const endings =
    known === undefined ? [...nameEndings(reference), `@${anyDigest}`] : nameEndings({ ...reference, digest: known });
  const names = [written, ...repositories.flatMap((repository) => endings.map((ending) => `${repository}${ending}`))];
  if (globs.some(({ matches }) => names.some((name) => matches(name)))) return 'yes';
  const asks =
    known === undefined &&
    globs.some(({ namesDigestOf }) => namesDigestOf !== undefined && repositories.some((each) => namesDigestOf(each)));
  return asks ? 'needsDigest' : 'no';
}
