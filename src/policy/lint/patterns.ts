import { compilePattern, PatternError } from '../../base/name-pattern.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import { matchesWildcard } from '../kyverno/wildcard.ts';
import type { LintDocument, Placed } from './model.ts';
import { select } from './select.ts';

/** A pattern of images in a document. */
export interface ImagePattern extends Placed<string> {
  /**
   * How it is read: `*` is any run of characters (`runs`), or stays within one part of a path and `**` does not (`parts`).
   */
  readonly grammar: 'runs' | 'parts';
  /** Whether what it matches is looked at, is let pass by it, or is refused by it. */
  readonly use: 'checked' | 'passed' | 'refused';
  /** The pattern belongs with those of the same group: an entry of a rule, or the document. */
  readonly group: string;
}

type Way = readonly [way: string, use: ImagePattern['use']];

const kyverno: readonly Way[] = [
  ['imageReferences[]', 'checked'],
  ['image', 'checked'],
  ['skipImageReferences[]', 'passed'],
];
const seaworthy: readonly Way[] = [
  ['spec.images[]', 'checked'],
  ['spec.exceptImages[]', 'passed'],
  ['spec.references[]', 'checked'],
  ['spec.exceptReferences[]', 'passed'],
  ['spec.sources.allow[]', 'passed'],
  ['spec.sources.deny[]', 'refused'],
  ['spec.rules[].sources.allow[]', 'passed'],
  ['spec.rules[].sources.deny[]', 'refused'],
  ['spec.rules[].match.sources[]', 'checked'],
  ['spec.rules[].match.exceptSources[]', 'passed'],
  ['spec.exceptions[].sources[]', 'passed'],
];

/** All patterns of images in a document, but expressions. */
export function imagePatternsOf({ form, value }: LintDocument): readonly ImagePattern[] {
  switch (form) {
    case 'kyverno':
      return select(value, 'spec.rules[].verifyImages[]').flatMap((entry) =>
        kyverno.flatMap(([way, use]) =>
          textsAt(entry.value, way, entry.path, { use, grammar: 'runs', group: entry.path.join('.') }),
        ),
      );
    case 'kyvernoException':
      return ['spec.images[]', 'spec.exceptions[].images[].imageReferences[]'].flatMap((way) =>
        textsAt(value, way, [], { use: 'passed', grammar: 'runs', group: '' }),
      );
    case 'kyvernoCel':
      return textsAt(value, 'spec.matchImageReferences[].glob', [], { use: 'checked', grammar: 'runs', group: '' });
    case 'policyController':
      return textsAt(value, 'spec.images[].glob', [], { use: 'checked', grammar: 'parts', group: '' });
    default:
      return seaworthy.flatMap(([way, use]) => textsAt(value, way, [], { use, grammar: 'parts', group: '' }));
  }
}

function textsAt(
  root: JsonValue,
  way: string,
  base: ImagePattern['path'],
  more: Pick<ImagePattern, 'use' | 'grammar' | 'group'>,
): readonly ImagePattern[] {
  return select(root, way, base).flatMap(({ path, value }): readonly ImagePattern[] => {
    if (typeof value === 'string') return [{ path, value, ...more }];
    const { glob, wildcard } = (value ?? {}) as { readonly glob?: JsonValue; readonly wildcard?: JsonValue };
    if (typeof glob === 'string') return [{ path, value: glob, ...more }];
    return typeof wildcard === 'string' ? [{ path, value: wildcard, ...more, grammar: 'runs' }] : [];
  });
}

/** Whether a pattern matches all that another one does, as far as a few names that the other one matches can tell. */
export function covers(wide: ImagePattern, narrow: ImagePattern): boolean {
  return ['zz9', 'y-8', 'x7'].every((word) => {
    const sample = narrow.value.replaceAll('**', `${word}/${word}`).replaceAll('*', word).replaceAll('?', 'q');
    return matches(wide, sample);
  });
}

function matches({ grammar, value }: ImagePattern, name: string): boolean {
  if (grammar === 'runs') return matchesWildcard(value, name);
  try {
    return compilePattern(value).matches(name);
  } catch (error) {
    // What is no pattern is told as a mistake.
    if (error instanceof PatternError) return false;
    throw error;
  }
}
