import { isSeaworthyError } from '../../../base/error.ts';
import { compileGlob, type PathGlob } from '../../../base/glob.ts';
import { type CelCondition, compileCel } from '../../../lang/cel/compile.ts';
import { RegistryAuthError } from '../error.ts';
import type { Identity } from '../identity.ts';
import type { JsonObject } from '../jwt/read-unverified.ts';
import { claimText, findClaim } from './claim.ts';
import { oidcLimits } from './limits.ts';
import { compileTemplate } from './template.ts';

/** Who the bearer of an issuer's token is. The first rule that a token meets counts. */
export interface OidcRule {
  /**
   * Patterns by claim, of which one has to match the whole of it: patterns of `base/glob.ts`, where `*` does not cross a "/".
   * Of a claim that is a list, one member has to match. Claims inside others are written `kubernetes.io/namespace`.
   * Where `email` is asked for, here or in a template, `email_verified` must be true as well.
   */
  readonly claims?: Readonly<Record<string, string | readonly string[]>>;
  /** A condition in CEL over the variable `claims`, for what patterns cannot say. One that has no answer is not met. */
  readonly condition?: string;
  /** `workload` where nothing is said; `user` for people, who log in with their ID token. */
  readonly kind?: 'workload' | 'user';
  /** Text with claims in braces: `github/{repository}`. */
  readonly name: string;
  /** Like `name`; `{groups}` of a claim that is a list gives each of its members. */
  readonly groups?: readonly string[];
}

/** Gives the name and groups of who bears these claims; undefined when the rule is not met. */
export type CompiledOidcRule = (claims: JsonObject) => Pick<Identity, 'kind' | 'name' | 'groups'> | undefined;

/**
 * Reads a rule. It must ask for something: everybody in the world can get a token of a public issuer, for any audience.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID with `where` in its message
 */
export function compileOidcRule(rule: OidcRule, where: string): CompiledOidcRule {
  const wanted = Object.entries(rule.claims ?? {}).map(([claim, patterns]) => {
    const list = typeof patterns === 'string' ? [patterns] : patterns;
    if (list.length === 0 || list.length > oidcLimits.patterns)
      throw invalid(where, `${claim} has no or too many patterns`);
    return { claim, globs: list.map((pattern) => compilePattern(pattern, where)) };
  });
  if (wanted.length > oidcLimits.claims) throw invalid(where, `it asks for more than ${oidcLimits.claims} claims`);
  if (wanted.length === 0 && rule.condition === undefined) {
    throw invalid(where, 'it takes every token of the issuer; name the claims that whoever is meant has');
  }
  const condition = rule.condition === undefined ? undefined : compileCondition(rule.condition, where);
  const name = compileTemplate(rule.name, `the name in ${where}`);
  const groups = (rule.groups ?? []).map((group) => compileTemplate(group, `a group in ${where}`));
  const used = [...wanted.map(({ claim }) => claim), ...[name, ...groups].flatMap((template) => template.claims)];
  const usesAddress = used.includes('email');
  return (claims) => {
    // Whoever may write any address into a profile must not become its owner (OpenID Connect Core 1.0, 5.7).
    if (usesAddress && claims['email_verified'] !== true && claims['email_verified'] !== 'true') return undefined;
    if (!wanted.every(({ claim, globs }) => matchesAny(findClaim(claims, claim), globs))) return undefined;
    if (condition !== undefined && !holds(condition, claims)) return undefined;
    const given = name.name(claims);
    if (given === undefined) return undefined;
    const all = [...new Set(groups.flatMap((template) => template.names(claims)))];
    // A part of the groups would be an accident of their order.
    if (all.length > oidcLimits.groups) return undefined;
    return { kind: rule.kind ?? 'workload', name: given, groups: all };
  };
}

function matchesAny(value: unknown, globs: readonly PathGlob[]): boolean {
  const texts = (Array.isArray(value) ? value : [value]).map(claimText);
  return texts.some((text) => text !== undefined && globs.some((glob) => glob.matches(text)));
}

function holds(condition: CelCondition, claims: JsonObject): boolean {
  try {
    return condition({ claims });
  } catch (error) {
    if (isSeaworthyError(error)) return false;
    throw error;
  }
}

function compilePattern(pattern: string, where: string): PathGlob {
  try {
    return compileGlob(pattern);
  } catch (cause) {
    throw invalid(where, isSeaworthyError(cause) ? cause.message : 'a pattern cannot be read', cause);
  }
}

function compileCondition(text: string, where: string): CelCondition {
  try {
    return compileCel(text, ['claims']);
  } catch (cause) {
    throw invalid(where, isSeaworthyError(cause) ? cause.message : 'its condition cannot be read', cause);
  }
}

function invalid(where: string, why: string, cause?: unknown): RegistryAuthError {
  return new RegistryAuthError(
    'AUTH_SETTING_INVALID',
    `The rule cannot be used: ${where}: ${why}`,
    cause === undefined ? {} : { cause },
  );
}
