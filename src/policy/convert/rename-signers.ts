import type { Policy, Rule, SignerChoice, SignerSet } from '../model.ts';

/**
 * A policy whose signers are called otherwise, so that documents that are used together have no two of one name. Expressions in CEL that
 * name signers are for whoever makes them.
 *
 * @param nameOf gives the new name of each of the signers, which are all different
 */
export function renameSigners(policy: Policy, nameOf: (signer: string) => string): Policy {
  return {
    ...policy,
    signers: policy.signers.map((signer) => ({ ...signer, name: nameOf(signer.name) })),
    rules: policy.rules.map((rule) => renamedRule(rule, nameOf)),
  };
}

function renamedRule(rule: Rule, nameOf: (signer: string) => string): Rule {
  switch (rule.kind) {
    case 'signatures':
    case 'attestation':
      return { ...rule, ...renamedSet(rule, nameOf) };
    case 'sbom':
      return rule.signers === undefined ? rule : { ...rule, signers: rule.signers.map(nameOf) };
    case 'expression': {
      const { statements } = rule;
      if (statements === undefined) return rule;
      const named = Object.entries(statements).map(([name, each]) => [name, { ...each, ...renamedSet(each, nameOf) }]);
      return { ...rule, statements: Object.fromEntries(named) as typeof statements };
    }
    default:
      return rule;
  }
}

function renamedSet({ signers, atLeast }: SignerSet, nameOf: (signer: string) => string): SignerSet {
  const choice = (each: SignerChoice): SignerChoice =>
    typeof each === 'string' ? nameOf(each) : renamedSet(each, nameOf);
  return { signers: signers.map(choice), atLeast };
}
