import type { Reference } from '../../oci/reference.ts';
import type { PolicyException } from '../model.ts';
import { compileObjectFilter, type MatchesObject, type ObjectMatch } from '../resource/object-filter/match.ts';
import type { ResourceInput } from '../resource/policy.ts';
import { compileNames } from '../scope.ts';

/** An exception for some objects, ready to be asked. */
export interface ObjectException {
  readonly exception: PolicyException;
  readonly isAboutRule: (rule: string) => boolean;
  /** One for each of its filters, of which one is enough. */
  readonly filters: readonly MatchesObject[];
  /** Whether it is about an image by its name; undefined where it is about objects as a whole. */
  readonly image: ReturnType<typeof compileNames> | undefined;
}

/** What exceptions leave of an object for a rule. What cannot be told excepts nothing. */
export type ExceptedObject =
  | { readonly kind: 'whole'; readonly message: string }
  /** Images with names that one of these is about are left out. */
  | { readonly kind: 'images'; readonly exceptions: readonly ObjectException[] }
  | Extract<ObjectMatch, { readonly kind: 'needs' }>;

/** Compiles exceptions from rules about images that are for some objects; others are asked wherever images are judged. @throws PatternError */
export function compileObjectExceptions(exceptions: readonly PolicyException[]): readonly ObjectException[] {
  return exceptions.filter(({ objects }) => objects !== undefined).map(compileOne);
}

/**
 * Compiles exceptions from rules about objects: of some objects or of all, but not of what is found in their images.
 *
 * @throws PatternError
 */
export function compileExceptionsFromObjects(exceptions: readonly PolicyException[]): readonly ObjectException[] {
  return exceptions.filter(({ ids, packages, digests }) => (ids ?? packages ?? digests) === undefined).map(compileOne);
}

function compileOne(exception: PolicyException): ObjectException {
  const { objects, rules, sources, repositories } = exception;
  const named = rules === undefined ? undefined : new Set(rules);
  return {
    exception,
    isAboutRule: (rule) => named === undefined || named.has(rule),
    filters: objects === undefined ? [() => ({ kind: 'yes' })] : objects.map(compileObjectFilter),
    image: (sources ?? repositories) === undefined ? undefined : compileNames(exception),
  };
}

/** What exceptions that have not ended leave of an object for a rule. @param rule by its whole name */
export function exceptedBy(exceptions: readonly ObjectException[], rule: string, input: ResourceInput): ExceptedObject {
  const found: ObjectException[] = [];
  let needs: Extract<ObjectMatch, { readonly kind: 'needs' }> | undefined;
  for (const each of exceptions) {
    if (!each.isAboutRule(rule) || each.exception.until <= input.now) continue;
    const matches = each.filters.map((filter) => filter(input));
    if (matches.some(({ kind }) => kind === 'yes')) found.push(each);
    else needs ??= matches.find((match) => match.kind === 'needs');
  }
  const whole = found.find(({ image }) => image === undefined);
  if (whole !== undefined) return { kind: 'whole', message: exceptionMessage(whole) };
  return needs ?? { kind: 'images', exceptions: found };
}

/** Who answers for it that something passes, and until when. */
export function exceptionMessage({ exception: { name, owner, reason, until } }: ObjectException): string {
  return `Exception "${name}" of ${owner} is about it until ${new Date(until).toISOString()}: ${reason}`;
}

/** Whether an exception is about an image; undefined is no name of one, which no exception is about. */
export function isExcepted({ image }: ObjectException, reference: Reference | undefined): boolean {
  if (image === undefined || reference === undefined) return false;
  const { registry, repository } = reference;
  return image({ repository, source: `${registry}/${repository}` });
}
