import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { Signer } from '../../model.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';
import type { KyvernoStyle } from '../style.ts';

/** What an entry of `verifyImages` is read with, and where what comes of it is collected. */
export interface Translation {
  readonly style: KyvernoStyle;
  readonly type: NonNullable<KyvernoVerification['type']>;
  /** Where signatures lie unless an attestor says otherwise. */
  readonly repository: string | undefined;
  /** Whether variables have their values: until then, a text with variables may become anything. */
  readonly isResolved: boolean;
  readonly signers: Signer[];
  /** Paths begin at the rule. */
  readonly mistakes: Finding[];
}

/** The path of a field that is some names below something, as it is written in the document. */
export type Place = (...names: readonly (string | number)[]) => ConfigPath;

/** A text that is there; Kyverno takes an empty one for none. */
export function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

/** Whether a text cannot be checked yet, since it has variables. What still has some when they have their values is told. */
export function isOpen(text: string, { isResolved, mistakes }: Translation, path: ConfigPath): boolean {
  if (!text.includes('{{')) return false;
  if (isResolved) mistakes.push({ path, sentence: 'has variables in what a variable gives, which are not looked at' });
  return true;
}
