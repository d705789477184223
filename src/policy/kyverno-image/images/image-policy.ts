import { compilePolicy, type CompiledPolicy } from '../../compile.ts';
import type { Rule, Signer } from '../../model.ts';
import type { Asked } from '../expression/asked.ts';

/** The rule that tells whether an attestor signed an image. */
export function signatureRule(attestor: string): string {
  return `signature ${attestor}`;
}

/** The rule that tells whether an attestor made a statement. */
export function statementRule(attestation: string, attestor: string): string {
  return `statement ${JSON.stringify(attestation)} ${attestor}`;
}

/**
 * What is asked of an image, as a policy about images: a rule for each attestor, which decides nothing and tells whether it counts, and one
 * for each list of them, of which one at least should. So a verdict says yes of images that pass as policies are written, and counts for
 * as long as verdicts that say yes; how many attestors a policy wants only its expressions know.
 *
 * @param types of attestations, by their names
 * @throws PolicyError for more than a policy may have
 */
export function imagePolicyOf(
  { signatures, statements }: Asked,
  signers: readonly Signer[],
  types: ReadonlyMap<string, string>,
  pin: boolean,
): CompiledPolicy {
  const rules = new Map<string, Rule>();
  const add = (rule: Rule): void => void rules.set(rule.name, rule);
  for (const [at, list] of signatures.entries()) {
    if (list.length === 0) continue;
    add({ kind: 'signatures', name: `signatures ${at}`, action: 'deny', signers: list, atLeast: 1 });
    for (const each of list) {
      add({ kind: 'signatures', name: signatureRule(each), action: 'audit', signers: [each], atLeast: 1 });
    }
  }
  for (const [at, { attestation, attestors }] of statements.entries()) {
    const predicateType = types.get(attestation);
    if (predicateType === undefined || attestors.length === 0) continue;
    const common = { kind: 'attestation', predicateType, atLeast: 1 } as const;
    add({ ...common, name: `statements ${at}`, action: 'deny', signers: attestors });
    for (const each of attestors) {
      add({ ...common, name: statementRule(attestation, each), action: 'audit', signers: [each] });
    }
  }
  add({ kind: 'digest', name: 'digest', action: 'audit', pin, required: false });
  return compilePolicy({ rules: [...rules.values()], signers, exceptions: [], unknown: 'deny' });
}
