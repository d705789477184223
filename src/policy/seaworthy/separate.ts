import type { Policy } from '../model.ts';
import type { GivenImagePolicy } from './image-policy/schema.ts';
import type { ImagePolicy } from './model.ts';

/**
 * A document by itself, with what others give for it: signers that it may name, and exceptions from its rules.
 *
 * @param whole what all documents make together
 */
export function separate(given: GivenImagePolicy, whole: Policy): ImagePolicy {
  const { name, match, rules } = given;
  const own = new Set(rules.map((rule) => rule.name));
  const exceptions = whole.exceptions.flatMap((exception) => {
    if (exception.rules === undefined) return [exception];
    const kept = exception.rules.filter((rule) => own.has(rule));
    return kept.length === 0 ? [] : [{ ...exception, rules: kept }];
  });
  const exceptionHelp = given.exceptionHelp ?? whole.exceptionHelp;
  return {
    name,
    match,
    policy: {
      rules,
      exceptions,
      signers: whole.signers,
      unknown: whole.unknown,
      ...(exceptionHelp === undefined ? {} : { exceptionHelp }),
    },
  };
}
