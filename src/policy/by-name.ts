import type { Reference } from '../oci/reference.ts';
import type { CompiledPolicy, CompiledRule } from './compile.ts';
import { evaluate } from './evaluate.ts';
import type { Gate, Subject } from './evidence.ts';
import type { Verdict } from './verdict.ts';

/** What is known of an image by what it is called, before anybody is asked about it. */
export function namedSubject(reference: Reference, gate: Gate, pins: boolean): Subject {
  const { registry, repository, tag, digest } = reference;
  return {
    gate,
    registry,
    repository,
    source: `${registry}/${repository}`,
    // A tag beside a digest is whatever somebody wrote there; nothing says that it stands for the digest.
    ...(tag === undefined || digest !== undefined ? {} : { tags: [tag] }),
    ...(digest === undefined ? {} : { digest }),
    named: digest === undefined ? 'tag' : 'digest',
    pins,
    kind: 'image',
  };
}

/**
 * Whether a rule can be decided by what an image is called: where it may come from, and how it must be named. Nobody has to be asked about
 * the image then, and one that cannot be reached is decided all the same.
 *
 * @param pins whether the gate puts digests in, which it must look up to do so
 */
export function isDecidedByName(
  { rule, needs }: CompiledRule,
  { exceptions }: Pick<CompiledPolicy, 'exceptions'>,
  pins: boolean,
): boolean {
  if (!needs.byName || rule.match?.platforms !== undefined) return false;
  if (rule.kind === 'digest' && rule.pin && pins) return false;
  // Whether an exception is about this very image is not known by its name.
  return !exceptions.whole.some(
    ({ exception, isAboutRule }) => exception.digests !== undefined && isAboutRule(rule.name),
  );
}

/** What one rule of a policy says of an image by what it is called, where {@link isDecidedByName} says that it can. */
export function evaluateByName(policy: CompiledPolicy, rule: CompiledRule, subject: Subject, now: number): Verdict {
  return evaluate({ ...policy, rules: [rule] }, { subject, now });
}
