import { RegistryAuthError } from '../error.ts';
import type { JsonObject } from '../jwt/read-unverified.ts';
import { authLimits } from '../limits.ts';
import { claimText, findClaim } from './claim.ts';
import { oidcLimits } from './limits.ts';

/** Makes names of claims. */
export interface ClaimTemplate {
  /** The claims that it uses. */
  readonly claims: readonly string[];
  /** The name; undefined where a claim is missing, empty or no text, or the name would be too long. */
  name(claims: JsonObject): string | undefined;
  /** The names: where it is a single claim that is a list, one for each text in it; none where a claim is missing. */
  names(claims: JsonObject): readonly string[];
}

type Part = { readonly text: string } | { readonly claim: string };

/**
 * Reads a template: text with claims in braces, `github/{repository}`. Braces are nothing else.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID with `where` in its message
 */
export function compileTemplate(template: string, where: string): ClaimTemplate {
  const parts = readParts(template, where);
  const claims = parts.flatMap((part) => ('claim' in part ? [part.claim] : []));
  const name = (values: JsonObject): string | undefined => fill(parts, values);
  return {
    claims,
    name,
    names(values) {
      const [only] = parts;
      const list =
        parts.length === 1 && only !== undefined && 'claim' in only ? findClaim(values, only.claim) : undefined;
      if (Array.isArray(list))
        return list.map(claimText).filter((text) => text !== undefined && isName(text)) as string[];
      const single = name(values);
      return single === undefined ? [] : [single];
    },
  };
}

function readParts(template: string, where: string): readonly Part[] {
  if (template === '' || template.length > oidcLimits.templateLength) throw invalid(where, 'it is empty or too long');
  const pieces = template.match(/\{[^{}]+\}|[^{}]+/g) ?? [];
  if (pieces.join('') !== template) throw invalid(where, 'its braces do not hold a claim each, as in {repository}');
  return pieces.map((piece) => (piece.startsWith('{') ? { claim: piece.slice(1, -1) } : { text: piece }));
}

function fill(parts: readonly Part[], claims: JsonObject): string | undefined {
  let name = '';
  for (const part of parts) {
    const text = 'text' in part ? part.text : claimText(findClaim(claims, part.claim));
    // An empty claim would make one name of two.
    if (text === undefined || text === '') return undefined;
    name += text;
  }
  return isName(name) ? name : undefined;
}

function isName(text: string): boolean {
  return text !== '' && text.length <= authLimits.nameLength;
}

function invalid(where: string, why: string): RegistryAuthError {
  return new RegistryAuthError('AUTH_SETTING_INVALID', `The template of ${where} cannot be used: ${why}`);
}
