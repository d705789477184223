import { type CelNode, childrenOf } from './node.ts';

/** What an expression uses of its variables: members that it names, or all of it. */
export type CelUses = ReadonlyMap<string, ReadonlySet<string> | 'all'>;

/**
 * Finds the variables that an expression uses, and which of their members where it names them: `signatures.release` and
 * `signatures["release"]`. A name that a macro binds is no variable, but is taken for one where there is one of that name.
 */
export function usesOf(root: CelNode, variables: readonly string[]): CelUses {
  const found = new Map<string, Set<string> | 'all'>();
  const visit = (node: CelNode): void => {
    const member = memberOf(node);
    if (member !== undefined && variables.includes(member.variable)) {
      const known = found.get(member.variable) ?? new Set<string>();
      if (known !== 'all') found.set(member.variable, known.add(member.name));
      return;
    }
    if (node.op === 'id' && variables.includes(node.args as string)) found.set(node.args as string, 'all');
    for (const child of childrenOf(node)) visit(child);
  };
  visit(root);
  return found;
}

/** The member of a variable that a node is, where its name is written there. */
function memberOf({ op, args }: CelNode): { readonly variable: string; readonly name: string } | undefined {
  if (!['.', '.?', '[]', '[?]'].includes(op) || !Array.isArray(args)) return undefined;
  const [left, right] = args as unknown as readonly [CelNode, string | CelNode];
  if (left.op !== 'id') return undefined;
  const name = typeof right === 'string' ? right : right.op === 'value' ? right.args : undefined;
  return typeof name === 'string' ? { variable: left.args as string, name } : undefined;
}
