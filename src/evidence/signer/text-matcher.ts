import { matchesWildcard } from '../../policy/kyverno/wildcard.ts';
import type { TextSpec } from '../../policy/model.ts';
import { exactly, type TextMatcher } from '../../signing/verify/text-matcher.ts';
import { matching, searching } from '../../signing/verify/text-pattern.ts';

/** What decides whether a text is one that a policy means; in linear time for expressions. @throws SigningError IDENTITY_PATTERN_INVALID */
export function compileText(spec: TextSpec): TextMatcher {
  if ('exact' in spec) return exactly(spec.exact);
  if ('regex' in spec) return { ...matching(`^(?:${spec.regex})$`), wanted: `a match of ${spec.regex}` };
  if ('search' in spec) return searching(spec.search);
  if ('glob' in spec) {
    const { glob } = spec;
    return { wanted: `a text like ${glob}`, matches: (text) => matchesWildcard(glob, text) };
  }
  const all = spec.all.map(compileText);
  return {
    wanted: all.map(({ wanted }) => wanted).join(' and ') || 'any text',
    matches: (text) => all.every((one) => one.matches(text)),
  };
}
