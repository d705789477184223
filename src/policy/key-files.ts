import { PolicyError } from './error.ts';
import type { Policy } from './model.ts';

/** The files that hold keys of a policy's signers, each once. */
export function keyFilesOf({ signers }: Pick<Policy, 'signers'>): readonly string[] {
  const files = signers.flatMap(({ keys }) => keys.flatMap((key) => ('file' in key ? [key.file] : [])));
  return [...new Set(files)].sort();
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
