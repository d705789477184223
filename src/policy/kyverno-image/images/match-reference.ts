import type { CelExpression } from '../../../lang/cel/compile.ts';
import { LangError } from '../../../lang/error.ts';
import { nameEndings, readImageName, repositorySpellings } from '../../resource/image-spellings.ts';

/** A pattern of images, or an expression over `ref`. @throws LangError for an expression without an answer */
export type ReferenceMatcher = (name: string) => boolean;

/** Makes a matcher of an expression. */
export function expressionMatcher(holds: CelExpression): ReferenceMatcher {
  return (ref) => {
    const answer = holds({ ref });
    if (typeof answer === 'boolean') return answer;
    throw new LangError('EVALUATION', 'A match of images is neither true nor false');
  };
}

/**
 * Whether a policy is about an image. Kyverno compares what stands in the object; whoever spells the image otherwise escapes a pattern.
 *
 * @param aliases whether other spellings of the same image count as well
 * @throws LangError for an expression without an answer
 */
export function matchesReference(matchers: readonly ReferenceMatcher[], written: string, aliases: boolean): boolean {
  if (matchers.length === 0) return true;
  const names = aliases ? spellingsOf(written) : [written];
  return matchers.some((matches) => names.some((name) => matches(name)));
}

function spellingsOf(written: string): readonly string[] {
  const reference = readImageName(written);
  if (reference === undefined) return [written];
  const endings = nameEndings(reference);
  const all = repositorySpellings(reference).flatMap((each) => endings.map((ending) => `${each}${ending}`));
  return [...new Set([written, ...all])];
}
