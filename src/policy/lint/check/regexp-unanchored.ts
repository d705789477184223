import { identitiesOf } from '../identities.ts';
import type { LintCheck } from '../model.ts';

/** An expression that is searched for matches a longer text with anything around it. */
export const regexpUnanchored: LintCheck = {
  id: 'regexp-unanchored',
  severity: 'error',
  about: 'An expression for an issuer or subject matches texts that have anything before or behind it',
  find: (document) =>
    identitiesOf(document).flatMap(({ texts }) =>
      texts.flatMap(({ path, value, kind }) => {
        if (
          kind !== 'search' ||
          (/^(?:\(\?[a-z]+\))?(?:\^|\\A)/.test(value) && /(?:[^\\]|^)(?:\\\\)*(?:\$|\\z)$/.test(value))
        )
          return [];
        return [
          { path, sentence: 'matches any text that has a match somewhere in it; begin it with ^ and end it with $' },
        ];
      }),
    ),
};
