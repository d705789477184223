import { parseExpiryDay } from '../base/expiry.ts';
import { compilePattern } from '../base/name-pattern.ts';
import type { CheckInfo } from '../finding/misconfiguration.ts';

/** What a comment sets aside. */
export interface IgnoreRule {
  /** As it is written, with the reason where there is one: `trivy:ignore:KSV-0014 (writes logs)`. */
  readonly text: string;
  /** Whether it is about a check, by its id or one of its other names, in any case. */
  covers(check: CheckInfo): boolean;
}

/** Ids in one comment that are read: more are of no use. */
const mostIds = 100;

/** One word of a comment. What follows the id are pairs of a name and a value. */
const word = /(trivy|tfsec|seaworthy):ignore:(\S+)/gi;
const id = /^[\w.*-]{1,100}$/;

/**
 * Reads what a comment sets aside: `trivy:ignore:KSV-0014`, `seaworthy:ignore:KSV-001* reason`, `trivy:ignore:KSV-0014:exp:2026-12-31`, any
 * number of them (Trivy, "Filtering", "By Inline Comments"). What is over, or has terms that are not known here, sets nothing aside.
 *
 * @param now milliseconds since 1970
 */
export function parseIgnoreComment(comment: string, now: number): readonly IgnoreRule[] {
  const reason = comment
    .replaceAll(word, '')
    .trim()
    .replace(/^[-:,\s]+/, '');
  const found = [...comment.matchAll(word)].flatMap(([, tool = '', rest = '']) =>
    // "ID,ID" is one comment for both.
    rest.split(',').flatMap((each): readonly IgnoreRule[] => {
      const [name = '', ...terms] = each.split(':');
      if (!id.test(name) || !holds(terms, now)) return [];
      const pattern = compilePattern({ wildcard: name.toLowerCase() });
      const said = `${tool.toLowerCase()}:ignore:${name}`;
      return [
        {
          text: reason === '' ? said : `${said} (${reason})`,
          covers: ({ id: own, aliases }) => [own, ...aliases].some((alias) => pattern.matches(alias.toLowerCase())),
        },
      ];
    }),
  );
  return found.slice(0, mostIds);
}

function holds(terms: readonly string[], now: number): boolean {
  if (terms.length === 0) return true;
  const [term = '', day = ''] = terms;
  const end = term.toLowerCase() === 'exp' && terms.length === 2 ? parseExpiryDay(day) : undefined;
  return end !== undefined && now <= end;
}
