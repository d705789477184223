import { compilePolicy, type CompiledPolicy } from '../../compile.ts';
import type { NamedStatement, Rule, Signer } from '../../model.ts';
import type { CompiledAuthority } from '../authority/compile-authority.ts';

/** The name of the rule that decides. */
const authoritiesRule = '.authorities';

type SignedAuthority = Extract<CompiledAuthority, { kind: 'signed' }>;

/**
 * What images must be like, as a policy about images: one authority is enough, and each must have all that it asks for. Beside the rule
 * that decides, there is one for each part of each authority, which decides nothing and tells what is missing.
 *
 * @throws PolicyError for more than a policy may have
 */
export function imagePolicyOf(authorities: readonly SignedAuthority[]): CompiledPolicy {
  const signers: Signer[] = authorities.flatMap((each) => each.signers);
  const statements: Record<string, NamedStatement> = {};
  const parts: Rule[] = [];
  const conditions = authorities.map((authority) => {
    const names = authority.signers.map(({ name }) => name);
    const set = { signers: names, atLeast: 1 };
    if (authority.statements.length === 0) {
      parts.push({ kind: 'signatures', name: authority.name, action: 'audit', ...set });
      return names.map((name) => `signatures[${JSON.stringify(name)}].verified`).join(' || ');
    }
    return authority.statements
      .map(({ name, predicateType }) => {
        const own = `${authority.name}: ${name}`;
        parts.push({ kind: 'attestation', name: own, action: 'audit', predicateType, ...set });
        statements[own] = { predicateType, ...set };
        return `attestations[${JSON.stringify(own)}].size() > 0`;
      })
      .join(' && ');
  });
  const cel = conditions.map((each) => `(${each})`).join(' || ');
  const rule: Rule = {
    kind: 'expression',
    name: authoritiesRule,
    action: 'deny',
    condition: { cel },
    message: 'none of its authorities is satisfied',
    ...(Object.keys(statements).length === 0 ? {} : { statements }),
  };
  return compilePolicy({ rules: [...parts, rule, digestRule], signers, exceptions: [], unknown: 'deny' });
}

const digestRule: Rule = { kind: 'digest', name: '.digest', action: 'audit', pin: true, required: false };

/** A policy that asks for nothing but what a name stands for. */
export function bareImagePolicy(): CompiledPolicy {
  return compilePolicy({ rules: [digestRule], signers: [], exceptions: [], unknown: 'deny' });
}
