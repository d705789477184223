import type { ReadKyvernoException } from '../document/read-documents.ts';
import { formatKyvernoImage, parseKyvernoImage } from '../image-name.ts';
import { compileBlock } from '../match/match-rule.ts';
import { RuleCompiler } from '../rule/compiler.ts';
import { compileConditions } from '../rule/conditions.ts';
import { missingFor, withLookedUp } from '../rule/looked-up.ts';
import { NeedsLookup } from '../rule/model.ts';
import type { JudgingScope } from '../rule/scope.ts';
import type { RuleTools } from '../rule/tools.ts';
import { LangError } from '../../../lang/error.ts';
import { matchesWildcard } from '../wildcard.ts';

/** An exception from rules, ready to be asked. */
export interface CompiledException {
  /** As it is written, in JSON. */
  readonly document: string;
  /** What it says of a rule; undefined where it is not about it. */
  readonly from: (policyId: string, rule: string) => ExceptionFrom | undefined;
}

/** An exception from one rule. */
export interface ExceptionFrom {
  readonly id: string;
  /** Whether it is about the object. What cannot be told excepts nothing. @throws NeedsLookup */
  readonly isAbout: (scope: JudgingScope) => boolean;
  /** Whether it is about an image, as it is written in the object; undefined where it is about the object as a whole. */
  readonly image: ((name: string) => boolean) | undefined;
}

/**
 * Compiles exceptions (Kyverno, "Policy Exceptions"). Each is asked by itself: what two of them say together is no more than what each
 * says (GHSA-gg4x-fgg2-h9w9), and one that names images is about these alone (kyverno/policies#1530).
 *
 * @returns for each exception, what was made of it, or what is wrong with it
 */
export function compileException(
  { exception }: ReadKyvernoException,
  tools: RuleTools,
): { readonly compiled: CompiledException; readonly findings: RuleCompiler['findings'] } {
  const compiler = new RuleCompiler(tools, undefined);
  const { metadata, spec } = exception;
  const id = `${metadata.namespace ?? ''}/${metadata.name}`;
  const conditions = compileConditions(spec.conditions, ['spec', 'conditions'], compiler);
  const matches = compileBlock(spec.match);
  const isAbout = (scope: JudgingScope): boolean => {
    const subject = withLookedUp(scope.input);
    if (subject.operation === 'audit' && spec.background === false) return false;
    const matched = matches(subject);
    if (matched.kind === 'unknown') {
      for (const lookup of missingFor([spec.match], subject))
        scope.judging.lookUp(lookup, 'What an exception asks for');
    }
    if (matched.kind !== 'yes') return false;
    try {
      return conditions(scope).holds;
    } catch (error) {
      if (error instanceof LangError && !(error instanceof NeedsLookup)) return false;
      throw error;
    }
  };
  const from: CompiledException['from'] = (policyId, rule) => {
    const about = spec.exceptions.filter(
      ({ policyName, ruleNames }) => policyName === policyId && ruleNames.some((each) => matchesWildcard(each, rule)),
    );
    if (about.length === 0) return undefined;
    // Without images it is about the object as a whole; with them in both places, an image must be in both.
    const own = about.some(({ images }) => images === undefined)
      ? undefined
      : about.flatMap(({ images = [] }) => images.flatMap(({ imageReferences = [] }) => imageReferences));
    const lists = [own, spec.images].filter((each) => each !== undefined);
    return { id, isAbout, image: lists.length === 0 ? undefined : (name) => lists.every((each) => isIn(each, name)) };
  };
  const isIn = (patterns: readonly string[], name: string): boolean => {
    const image = parseKyvernoImage(name, tools.settings.naming);
    if (image === undefined) return false;
    const whole = formatKyvernoImage(image);
    return patterns.some((pattern) => matchesWildcard(pattern, whole));
  };
  return { compiled: { document: JSON.stringify(exception), from }, findings: compiler.findings };
}
