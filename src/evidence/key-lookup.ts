import { printable } from '../base/printable.ts';
import { SigningError } from '../signing/error.ts';
import type { KeyDeps } from '../signing/key/key-deps.ts';
import { formatPublicKey } from '../signing/key/public-key-pem.ts';
import { openKmsKey, parseKmsReference } from '../signing/kms/list.ts';

/**
 * Finds the public key that a reference of a policy means, in PEM: one, or those of all versions of a key that was rotated, one after the
 * other. Policies are compiled with what it gives, so that what was decided by a key does not outlive it.
 *
 * @throws SigningError KEY_UNAVAILABLE, KEY_INVALID, KEY_REFERENCE_INVALID
 */
export type KeyLookup = (reference: string) => Promise<string>;

/**
 * Services that are asked over the network. A plugin or a token is a program that runs here, which whoever may write a policy must not
 * choose.
 */
const services: ReadonlySet<string> = new Set(['aws', 'azure', 'gcp', 'hashivault']);

/**
 * Asks key management services: `awskms://…`, `gcpkms://…`, `azurekms://…`, `hashivault://…`.
 *
 * @returns what throws SigningError KEY_REFERENCE_INVALID for other services, KEY_UNAVAILABLE where no version verifies or the service cannot
 * be asked
 */
export function kmsKeyLookup(deps: KeyDeps): KeyLookup {
  return async (text) => {
    const reference = parseKmsReference(text);
    if (!services.has(reference.provider)) {
      const sentence = `"${printable(text)}" is not a key of a service that policies may name; write awskms://, azurekms://, gcpkms:// or hashivault://`;
      throw new SigningError('KEY_REFERENCE_INVALID', sentence);
    }
    const { publicKeys } = await openKmsKey(reference, deps);
    if (publicKeys.length > 0) return publicKeys.map(formatPublicKey).join('');
    throw new SigningError('KEY_UNAVAILABLE', `The key ${printable(text)} has no version that verifies`);
  };
}
