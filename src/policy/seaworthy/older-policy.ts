import type { Policy } from '../model.ts';
import { UniqueNames } from '../unique-names.ts';
import type { ImagePolicy } from './model.ts';
import { exceptionsFrom } from './separate.ts';

/**
 * What all documents of the form `seaworthy.dev/v1alpha1` say together, as one policy that stands by itself: gates that have objects ask it of
 * all images of each, as the others ask it of theirs. Undefined where these documents have no rule.
 *
 * @param rules of these documents alone
 * @param whole what all documents make together, of both forms
 * @param file the first of them that has a rule, by which the policy is called
 * @param taken names of other policies
 */
export function olderPolicy(
  rules: Policy['rules'],
  whole: Policy,
  file: string,
  taken: readonly string[],
): ImagePolicy | undefined {
  if (rules.length === 0) return undefined;
  const exceptions = exceptionsFrom(
    whole.exceptions,
    rules.map(({ name }) => name),
  );
  return {
    name: new UniqueNames(taken).take(olderPolicyName(file)),
    policy: { ...whole, rules, exceptions },
    match: {},
    objects: [],
    exceptions,
  };
}

/** How a policy without a name of its own is called: as its file is, without folders and ending. */
export function olderPolicyName(file: string): string {
  const name = file.split('/').at(-1) ?? '';
  return /^([a-z\d][\w.-]{0,99}?)(?:\.[a-z]+)?$/i.exec(name)?.[1]?.toLowerCase() ?? 'policy';
}
