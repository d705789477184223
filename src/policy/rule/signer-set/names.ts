import type { SignerSet } from '../../model.ts';

/** The signers that a set names at any depth, in order and each once. */
export function signerNamesOf(set: SignerSet): readonly string[] {
  return [...new Set(walk(set))].sort();
}

function walk({ signers }: SignerSet): readonly string[] {
  return signers.flatMap((choice) => (typeof choice === 'string' ? [choice] : walk(choice)));
}
