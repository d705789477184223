import { IgnoreError } from './error.ts';
import { parseExpiryDay } from '../../base/expiry.ts';
import { ignoreLimits } from './limits.ts';
import { printable } from '../../base/printable.ts';
import type { IgnoreRule, IgnoreRules, IgnoreWarning } from './rules.ts';

/**
 * Reads the plain `.trivyignore` format: one id per line, `#` at the beginning of a line for comments, and
 * `exp:YYYY-MM-DD` anywhere after the id. Whatever else follows the id is a comment too. A line with a malformed date is left
 * out with a warning, since nobody can tell for how long it was meant. The rules hold for findings of every kind.
 *
 * The format has no document of its own; this follows aquasecurity/trivy, pkg/result/ignore.go, `parseIgnore`.
 *
 * @param source the file's name, for reports
 * @throws IgnoreError when the file is too large
 */
export function parseTrivyIgnore(text: string, source = '.trivyignore'): IgnoreRules {
  if (text.length > ignoreLimits.characters) {
    throw new IgnoreError(
      'IGNORE_TOO_LARGE',
      `${source} is larger than ${ignoreLimits.characters} characters; split it up or remove old rules`,
    );
  }
  const rules: IgnoreRule[] = [];
  const warnings: IgnoreWarning[] = [];
  const warn = (warning: IgnoreWarning): void => {
    if (warnings.length < ignoreLimits.warnings) warnings.push(warning);
  };
  let line = 0;
  for (const raw of text.split(/\r\n|[\n\r]/)) {
    line += 1;
    // Trims a byte order mark too.
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const [id = '', ...rest] = content.split(/\s+/);
    const date = rest.find((field) => field.startsWith('exp:'))?.slice(4);
    if (id.length > ignoreLimits.idLength) {
      warn({
        code: 'IGNORE_ID_INVALID',
        line,
        message: `The line is left out: an id has at most ${ignoreLimits.idLength} characters.`,
      });
      continue;
    }
    const expiresAt = date === undefined ? undefined : parseExpiryDay(date);
    if (date !== undefined && expiresAt === undefined) {
      const message = `The rule for ${printable(id)} is left out: write its date as exp:YYYY-MM-DD, not "exp:${printable(date)}".`;
      warn({ code: 'IGNORE_DATE_INVALID', line, message });
      continue;
    }
    if (rules.length === ignoreLimits.rules) {
      throw new IgnoreError(
        'IGNORE_TOO_MANY_RULES',
        `${source} has more than ${ignoreLimits.rules} rules; remove old ones`,
      );
    }
    rules.push({ scope: 'any', id, paths: [], purls: [], ...(expiresAt !== undefined && { expiresAt }), line });
  }
  return { source, rules, warnings };
}
