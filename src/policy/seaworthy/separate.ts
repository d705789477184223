import type { Policy, PolicyException } from '../model.ts';
import type { GivenImagePolicy } from './image-policy/schema.ts';
import type { ImagePolicy } from './model.ts';

/**
 * A document by itself, with what others give for it: signers that it may name, and exceptions from its rules.
 *
 * @param whole what all documents make together
 */
export function separate(given: GivenImagePolicy, whole: Policy): ImagePolicy {
  const { name, match, rules, objects } = given;
  const own = [...rules, ...objects].map((rule) => rule.name);
  const exceptions = exceptionsFrom(whole.exceptions, own);
  const exceptionHelp = given.exceptionHelp ?? whole.exceptionHelp;
  return {
    name,
    match,
    objects,
    exceptions,
    policy: {
      rules,
      exceptions: exceptionsFrom(
        exceptions,
        rules.map((rule) => rule.name),
      ),
      signers: whole.signers,
      unknown: whole.unknown,
      ...(exceptionHelp === undefined ? {} : { exceptionHelp }),
    },
  };
}

/** Exceptions that are about one of some rules, or of all, with those rules alone. */
export function exceptionsFrom(
  exceptions: readonly PolicyException[],
  rules: readonly string[],
): readonly PolicyException[] {
  const known = new Set(rules);
  return exceptions.flatMap((exception) => {
    if (exception.rules === undefined) return [exception];
    const kept = exception.rules.filter((rule) => known.has(rule));
    return kept.length === 0 ? [] : [{ ...exception, rules: kept }];
  });
}
