import { identitiesOf } from '../identities.ts';
import type { LintCheck } from '../model.ts';

/** A dot in an expression is any character: `github.com` matches `githubxcom`. */
export const regexpHostDot: LintCheck = {
  id: 'regexp-host-dot',
  severity: 'warning',
  about: 'A dot in the host of an expression stands for any character',
  find: (document) =>
    identitiesOf(document).flatMap(({ texts }) =>
      texts.flatMap(({ path, value, kind }) => {
        if (kind !== 'search' && kind !== 'whole') return [];
        const [, host = ''] = /(?::\/\/|@)((?:[A-Za-z0-9-]|\\?\.(?![*+?{]))+)/.exec(value) ?? [];
        if (!/(?<!\\)\.[A-Za-z0-9]/.test(host)) return [];
        return [{ path, sentence: `has a dot that is any character; write ${host.replace(/(?<!\\)\./g, '\\.')}` }];
      }),
    ),
};
