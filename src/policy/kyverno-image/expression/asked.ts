import type { CelExpression } from '../../../lang/cel/compile.ts';
import { allNodes, type CelNode } from '../../../lang/cel/node.ts';

/** What expressions ask of images, as it is written in them. */
export interface Asked {
  /** Attestors whose signatures are asked for together; each list once, in order. */
  readonly signatures: readonly (readonly string[])[];
  /** Attestations, with attestors whose statements are asked for together. */
  readonly statements: readonly { readonly attestation: string; readonly attestors: readonly string[] }[];
  /** Attestations whose statements are looked into. */
  readonly payloads: readonly string[];
}

/**
 * Finds what expressions ask of images. A list of attestors that is not written out may have any of them, and so may an attestation.
 *
 * @param attestors names of the policy's attestors
 * @param attestations names of the policy's attestations
 */
export function askedBy(
  expressions: readonly CelExpression[],
  attestors: readonly string[],
  attestations: readonly string[],
): Asked {
  const signatures = new Map<string, readonly string[]>();
  const statements = new Map<string, Asked['statements'][number]>();
  const payloads = new Set<string>();
  for (const { root } of expressions) {
    for (const node of allNodes(root)) {
      const call = callOf(node);
      if (call === undefined) continue;
      const [, second, third] = call.args;
      if (call.name === 'verifyImageSignatures') {
        const list = listOf(second, attestors);
        signatures.set(list.join(' '), list);
      } else if (call.name === 'verifyAttestationSignatures') {
        for (const attestation of namesOf(second, 'attestations', attestations)) {
          const list = listOf(third, attestors);
          statements.set(JSON.stringify([attestation, list]), { attestation, attestors: list });
        }
      } else if (call.name === 'extractPayload') {
        for (const name of namesOf(second, 'attestations', attestations)) payloads.add(name);
      }
    }
  }
  const inOrder = <Value>(found: ReadonlyMap<string, Value>): Value[] =>
    [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  return { signatures: inOrder(signatures), statements: inOrder(statements), payloads: [...payloads].sort() };
}

function callOf({ op, args }: CelNode): { readonly name: string; readonly args: readonly CelNode[] } | undefined {
  if (op !== 'call') return undefined;
  const [name, given] = args as readonly [string, readonly CelNode[]];
  return { name, args: given };
}

/** The attestors of a list that is written out; all of them otherwise. */
function listOf(node: CelNode | undefined, attestors: readonly string[]): readonly string[] {
  if (node?.op !== 'list') return attestors;
  const found = (node.args as readonly CelNode[]).flatMap((each) => namesOf(each, 'attestors', attestors));
  return [...new Set(found)].sort();
}

/** The member that is named, where it is written out and is there; all otherwise. */
function namesOf(node: CelNode | undefined, variable: string, all: readonly string[]): readonly string[] {
  if (node === undefined || (node.op !== '.' && node.op !== '[]')) return all;
  const [left, right] = node.args as readonly [CelNode, string | CelNode];
  if (left.op !== 'id' || left.args !== variable) return all;
  const name = typeof right === 'string' ? right : right.op === 'value' ? right.args : undefined;
  return typeof name === 'string' && all.includes(name) ? [name] : all;
}
