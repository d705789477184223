import { FilterParser } from 'ldapts';
import { RegistryAuthError } from '../error.ts';
import { ldapLimits } from './limits.ts';

/**
 * A text as a value in a filter (RFC 4515, 3): what means something there stands as two hexadecimal digits behind a
 * backslash. Without that, a user called `*)(uid=root` would be somebody else.
 */
export function escapeFilterValue(text: string): string {
  return text.replaceAll(/[\\*()\0]/g, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Puts values into a filter: `(uid={user})`. */
export function fillFilter(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => escapeFilterValue(values[name] ?? ''));
}

/**
 * Checks a filter of the settings.
 *
 * @param names what it may have in braces; the first of them it must have
 * @throws RegistryAuthError AUTH_SETTING_INVALID
 */
export function checkFilter(template: string, names: readonly string[], where: string): string {
  const used = [...template.matchAll(/\{(\w*)\}/g)].map((match) => match[1] ?? '');
  const [needed = ''] = names;
  const isKnown = used.every((name) => names.includes(name)) && used.includes(needed);
  if (template.length > ldapLimits.filterLength || !isKnown || !isFilter(fillFilter(template, {}))) {
    throw new RegistryAuthError(
      'AUTH_SETTING_INVALID',
      `The ${where} is no filter with {${needed}} in it; write it as (uid={${needed}})`,
    );
  }
  return template;
}

function isFilter(text: string): boolean {
  try {
    FilterParser.parseString(text);
    // The library takes one whose last parentheses are missing.
    return text.startsWith('(') && text.split('(').length === text.split(')').length;
  } catch {
    return false;
  }
}
