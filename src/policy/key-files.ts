import { PolicyError } from './error.ts';
import type { Policy, SignerKey } from './model.ts';

/** The files that hold keys of a policy's signers, each once. */
export function keyFilesOf({ signers }: Pick<Policy, 'signers'>): readonly string[] {
  const files = signers.flatMap(({ keys }) => keys.flatMap((key) => ('file' in key ? [key.file] : [])));
  return [...new Set(files)].sort();
}

/** Where keys of a policy's signers are that stand neither in it nor in files: secrets of a cluster, key services. Each once. */
export function keyReferencesOf({ signers }: Pick<Policy, 'signers'>): readonly string[] {
  const references = signers.flatMap(({ keys }) => keys.flatMap((key) => ('reference' in key ? [key.reference] : [])));
  return [...new Set(references)].sort();
}

/**
 * Puts keys that were looked up into the places of their references, in PEM. As with files, whoever judges by the policy does that before
 * it is compiled: its hash hangs on the keys. A secret may hold several.
 *
 * @throws PolicyError POLICY_INVALID when a reference is not among those given
 */
export function withKeys(policy: Policy, texts: ReadonlyMap<string, string>): Policy {
  const signers = policy.signers.map((signer) => ({
    ...signer,
    keys: signer.keys.flatMap((key): readonly SignerKey[] => {
      if (!('reference' in key)) return [key];
      const text = texts.get(key.reference);
      if (text !== undefined) return keysIn(text).map((pem) => ({ pem }));
      throw new PolicyError(
        'POLICY_INVALID',
        `The key ${key.reference} of the signer "${signer.name}" was not looked up; look it up first`,
      );
    }),
  }));
  return { ...policy, signers };
}

/** The keys of a text; a text without any is given as it is, so that reading it tells what is wrong. */
function keysIn(text: string): readonly string[] {
  const blocks = text.match(/-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----/g);
  return blocks === null ? [text] : blocks.map((block) => `${block}\n`);
}

/**
 * Puts the keys of files into their places, in PEM. Gates do that before they compile a policy, so that its hash hangs on the keys and
 * not on where they lie.
 *
 * @throws PolicyError POLICY_INVALID when a file is not among those given
 */
export function withKeyFiles(policy: Policy, texts: ReadonlyMap<string, string>): Policy {
  const signers = policy.signers.map((signer) => ({
    ...signer,
    keys: signer.keys.map((key) => {
      if (!('file' in key)) return key;
      const pem = texts.get(key.file);
      if (pem !== undefined) return { pem };
      throw new PolicyError(
        'POLICY_INVALID',
        `The key ${key.file} of the signer "${signer.name}" was not read; read it first`,
      );
    }),
  }));
  return { ...policy, signers };
}
