import { printable } from '../base/printable.ts';
import { suggest } from '../base/suggest.ts';
import { LangError } from '../lang/error.ts';
import type { CompiledCondition } from './condition/model.ts';
import { compileExpressionCondition } from './rule/expression.ts';
import { policyLimits } from './limits.ts';
import type { ExpressionRule, Policy, Rule, SignerSet } from './model.ts';

/** Something that is wrong with a policy. */
export interface PolicyFinding {
  /** From the top of the policy: names of members and numbers of entries; rules have their kind's members under its name. */
  readonly path: readonly (string | number)[];
  /** Completes a sentence that begins with the path, without a full stop. */
  readonly sentence: string;
}

type Parts = Pick<Policy, 'rules' | 'signers' | 'exceptions'>;

/**
 * Looks for what no part of a policy shows by itself.
 *
 * @param others names of rules that exceptions may be from besides those of the policy: of rules about objects
 */
export function checkPolicy(policy: Parts, others: readonly string[] = []): readonly PolicyFinding[] {
  const { rules, signers, exceptions } = policy;
  return [
    ...tooMany(policy),
    ...repeated('rules', rules),
    ...repeated('signers', signers),
    ...repeated('exceptions', exceptions),
    ...signers.flatMap(({ keys, identities, certificates = [] }, index) =>
      keys.length + identities.length + certificates.length > 0
        ? []
        : [{ path: ['signers', index], sentence: 'has neither keys nor identities, so nobody could be it; add some' }],
    ),
    ...rules.flatMap((rule, index) => signersOf(rule, index, signers.map(named))),
    ...exceptions.flatMap((exception, index) => {
      const path = ['exceptions', index];
      if (exception.rules === undefined && exception.ids === undefined && exception.packages === undefined) {
        return [{ path, sentence: 'would let everything pass; name rules, ids or packages' }];
      }
      return unknownNames(exception.rules ?? [], [...rules.map(named), ...others], [...path, 'rules'], 'rule');
    }),
  ];
}

function tooMany(policy: Parts): PolicyFinding[] {
  return (['rules', 'signers', 'exceptions'] as const)
    .filter((part) => policy[part].length > policyLimits[part])
    .map((part) => ({ path: [part], sentence: `are more than ${policyLimits[part]}; write fewer` }));
}

function repeated(part: string, entries: readonly { readonly name: string }[]): PolicyFinding[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name }, index) => {
    if (seen.has(name)) {
      const sentence = `is "${printable(name)}", which another has too; verdicts name it, so rename one`;
      return [{ path: [part, index, 'name'], sentence }];
    }
    seen.add(name);
    return [];
  });
}

function signersOf(rule: Rule, index: number, known: readonly string[]): PolicyFinding[] {
  const path = ['rules', index, rule.kind];
  switch (rule.kind) {
    case 'sbom':
      return unknownNames(rule.signers ?? [], known, [...path, 'signers'], 'signer');
    case 'signatures':
    case 'attestation':
      return [...tooManySigners(rule, path), ...signersOfSet(rule, known, path)];
    case 'expression':
      return [
        ...Object.entries(rule.statements ?? {}).flatMap(([name, set]) => {
          const place = [...path, 'statements', name];
          return [...tooManySigners(set, place), ...signersOfSet(set, known, place)];
        }),
        ...namesOfExpression(rule, known, path),
      ];
    default:
      return [];
  }
}

/** Signers and statements that an expression names. One that cannot be read has no names; it is told of elsewhere. */
function namesOfExpression(
  rule: ExpressionRule,
  signers: readonly string[],
  path: readonly (string | number)[],
): PolicyFinding[] {
  if (!('cel' in rule.condition)) return [];
  let condition: CompiledCondition;
  try {
    condition = compileExpressionCondition(rule);
  } catch (error) {
    if (error instanceof LangError) return [];
    throw error;
  }
  return (
    [
      ['signatures', signers, 'signer'],
      ['attestations', Object.keys(rule.statements ?? {}), 'statement'],
    ] as const
  ).flatMap(([variable, known, what]) => {
    const used = condition.usesOf(variable);
    if (used === undefined || used === 'all') return [];
    return [...used]
      .filter((name) => !known.includes(name))
      .map((name) => {
        const near = suggest(name, known);
        const meant = near === undefined ? '' : `; did you mean ${printable(near)}?`;
        return { path, sentence: `asks for the ${what} "${printable(name)}", and there is no such ${what}${meant}` };
      });
  });
}

function tooManySigners(set: SignerSet, path: readonly (string | number)[]): PolicyFinding[] {
  const { count, depth } = sizeOf(set);
  const { ruleSigners, signerSets } = policyLimits;
  return [
    ...(count > ruleSigners ? [{ path, sentence: `names more than ${ruleSigners} signers; write fewer` }] : []),
    ...(depth > signerSets ? [{ path, sentence: `has more than ${signerSets} sets within each other` }] : []),
  ];
}

function sizeOf({ signers }: SignerSet): { readonly count: number; readonly depth: number } {
  const sizes = signers.map((choice) => (typeof choice === 'string' ? { count: 1, depth: 0 } : sizeOf(choice)));
  return {
    count: sizes.reduce((total, { count }) => total + count, 0),
    depth: 1 + Math.max(0, ...sizes.map(({ depth }) => depth)),
  };
}

function signersOfSet(
  { signers, atLeast }: SignerSet,
  known: readonly string[],
  path: readonly (string | number)[],
): PolicyFinding[] {
  const findings = signers.flatMap((choice, at) => {
    const place = [...path, 'signers', at];
    return typeof choice === 'string'
      ? unknownName(choice, known, place, 'signer')
      : signersOfSet(choice, known, place);
  });
  const { size } = new Set(signers);
  if (atLeast >= 1 && atLeast <= size) return findings;
  const sentence = `asks for ${atLeast} of ${size} signers, which nothing could meet or fail`;
  return [...findings, { path, sentence }];
}

function unknownNames(
  names: readonly string[],
  known: readonly string[],
  path: readonly (string | number)[],
  what: string,
): PolicyFinding[] {
  return names.flatMap((name, index) => unknownName(name, known, [...path, index], what));
}

function unknownName(
  name: string,
  known: readonly string[],
  path: readonly (string | number)[],
  what: string,
): PolicyFinding[] {
  if (known.includes(name)) return [];
  const near = suggest(name, known);
  const meant = near === undefined ? '' : `; did you mean ${printable(near)}?`;
  return [{ path, sentence: `is "${printable(name)}", and there is no such ${what}${meant}` }];
}

function named({ name }: { readonly name: string }): string {
  return name;
}
