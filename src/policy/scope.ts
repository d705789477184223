import { compilePatterns, matchesAny, type NamePattern, type PatternSpec } from '../base/name-pattern.ts';
import { formatPlatform, parsePlatform, type Platform } from '../oci/platform.ts';
import { OciError } from '../oci/error.ts';
import type { Subject } from './evidence.ts';
import type { RuleScope } from './model.ts';
import { type NamedSubject, referenceNames } from './reference-names.ts';

/** Tells whether a rule is about a subject. */
export type Covers = (subject: Subject) => boolean;

/** Compiles a scope. What is not known of a subject leaves it covered. @throws PatternError, OciError PLATFORM_INVALID */
export function compileScope(scope: RuleScope = {}): Covers {
  const gates: ReadonlySet<string> | undefined = scope.gates === undefined ? undefined : new Set(scope.gates);
  const names = compileNames(scope);
  const references = compileReferences(scope);
  const tags = compileList(scope.tags);
  const platforms = scope.platforms?.map(compilePlatform);
  return (subject) =>
    (gates === undefined || gates.has(subject.gate)) &&
    names(subject) &&
    references(subject) &&
    (tags === undefined || subject.tags === undefined || subject.tags.some((tag) => matchesAny(tags, tag))) &&
    (platforms === undefined || isOneOf(platforms, subject.platform));
}

/** The parts of a scope that are about names, which exceptions have as well. @throws PatternError */
export function compileNames(
  scope: Pick<RuleScope, 'repositories' | 'exceptRepositories' | 'sources' | 'exceptSources'>,
): (subject: Pick<Subject, 'repository' | 'source'>) => boolean {
  const repositories = compileList(scope.repositories);
  const exceptRepositories = compileList(scope.exceptRepositories) ?? [];
  const sources = compileList(scope.sources);
  const exceptSources = compileList(scope.exceptSources) ?? [];
  return ({ repository, source }) =>
    (repositories === undefined || matchesAny(repositories, repository)) &&
    (sources === undefined || matchesAny(sources, source)) &&
    !matchesAny(exceptRepositories, repository) &&
    !matchesAny(exceptSources, source);
}

/** The parts of a scope that are about how an image is named. Where that is not known, it is covered. @throws PatternError */
export function compileReferences({
  references,
  exceptReferences,
}: Pick<RuleScope, 'references' | 'exceptReferences'>): (subject: NamedSubject) => boolean {
  if (references === undefined && exceptReferences === undefined) return () => true;
  const included = compileList(references);
  const excluded = compileList(exceptReferences) ?? [];
  return (subject) => {
    const names = referenceNames(subject);
    if (names === undefined) return true;
    const isOne = (patterns: readonly NamePattern[]): boolean => names.some((name) => matchesAny(patterns, name));
    return (included === undefined || isOne(included)) && !isOne(excluded);
  };
}

function compileList(specs: readonly PatternSpec[] | undefined): readonly NamePattern[] | undefined {
  return specs === undefined ? undefined : compilePatterns(specs);
}

/** A platform of a rule. `linux/arm` is all of its variants, `linux/arm/v7` one. */
interface WantedPlatform {
  readonly platform: Platform;
  readonly anyVariant: boolean;
}

function compilePlatform(text: string): WantedPlatform {
  return { platform: parsePlatform(text), anyVariant: text.split('/').length < 3 };
}

/** Spellings of a platform that mean the same are one. What is none might run anywhere, so it is covered. */
function isOneOf(wanted: readonly WantedPlatform[], platform: Platform | undefined): boolean {
  const found = platform === undefined ? undefined : normalise(platform);
  if (found === undefined) return true;
  return wanted.some(
    ({ platform: { os, architecture, variant }, anyVariant }) =>
      os === found.os && architecture === found.architecture && (anyVariant || variant === found.variant),
  );
}

function normalise(platform: Platform): Platform | undefined {
  try {
    return parsePlatform(formatPlatform(platform));
  } catch (error) {
    if (error instanceof OciError) return undefined;
    throw error;
  }
}
