import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { openKmsKey } from '../kms/list.ts';
import type { Signer } from '../signer.ts';
import type { KeyDeps } from './key-deps.ts';
import type { KeyReference } from './key-reference.ts';
import type { LocalSignerOptions } from './local-signer.ts';
import { parsePublicKey } from './parse-public-key.ts';
import { readCapped } from './read-files.ts';
import type { VerificationKey } from './verification-key.ts';

/**
 * Loads the public keys that a reference means: one, or the versions of a managed key that was rotated, the newest first.
 * A signature holds when one of them verifies it.
 *
 * @throws SigningError KEY_INVALID, KEY_UNREADABLE, KEY_UNAVAILABLE, KEY_REFERENCE_INVALID
 */
export async function loadVerificationKeys(
  reference: KeyReference,
  deps: KeyDeps,
): Promise<readonly [VerificationKey, ...VerificationKey[]]> {
  if (reference.kind === 'kms') {
    const [newest, ...older] = (await openKmsKey(reference.reference, deps)).publicKeys;
    if (newest !== undefined) return [newest, ...older];
    throw new SigningError('KEY_UNAVAILABLE', 'The key has no version that verifies');
  }
  return [parsePublicKey(await readPublic(reference, deps))];
}

/**
 * Loads the signer that a reference means. Private keys are those that cosign encrypts: plain ones are refused, as cosign
 * refuses them.
 *
 * @throws SigningError KEY_INVALID, KEY_PASSWORD_WRONG, KEY_UNREADABLE, KEY_UNAVAILABLE, KEY_REFERENCE_INVALID
 */
export async function loadSigner(
  reference: KeyReference,
  deps: KeyDeps,
  options?: LocalSignerOptions,
): Promise<Signer> {
  if (reference.kind === 'kms') return (await openKmsKey(reference.reference, deps)).signer;
  const [{ decryptPrivateKey }, { localSigner }] = await Promise.all([
    import('./encrypted-key.ts'),
    import('./local-signer.ts'),
  ]);
  const { pem, password } = await readPrivate(reference, deps);
  try {
    return localSigner(await decryptPrivateKey(pem, password), options);
  } finally {
    password.fill(0);
    if (typeof pem !== 'string') pem.fill(0);
  }
}

type StoredReference = Exclude<KeyReference, { readonly kind: 'kms' }>;

async function readPublic(reference: StoredReference, deps: KeyDeps): Promise<string | Buffer> {
  switch (reference.kind) {
    case 'kubernetes':
      return (await import('./kubernetes-secret.ts')).readPublicKeySecret(reference, deps);
    case 'gitlab':
      return (await import('./gitlab-variables.ts')).readPublicKeyVariable(reference, deps);
    default:
      return readPlain(reference, deps);
  }
}

interface Locked {
  readonly pem: string | Buffer;
  readonly password: Buffer;
}

async function readPrivate(reference: StoredReference, deps: KeyDeps): Promise<Locked> {
  switch (reference.kind) {
    case 'kubernetes':
      return (await import('./kubernetes-secret.ts')).readPrivateKeySecret(reference, deps);
    case 'gitlab':
      return (await import('./gitlab-variables.ts')).readPrivateKeyVariables(reference, deps);
    default:
      // The key first: nobody wants to be asked for the password of a file that is not there.
      return { pem: await readPlain(reference, deps), password: await deps.password() };
  }
}

type PlainReference = Extract<KeyReference, { readonly kind: 'file' | 'url' | 'environment' }>;

async function readPlain(reference: PlainReference, deps: KeyDeps): Promise<string | Buffer> {
  if (reference.kind === 'file') {
    const options = { most: signingLimits.keyBytes, code: 'KEY_UNREADABLE' } as const;
    return readCapped(deps, reference.path, `The key ${reference.path}`, options);
  }
  if (reference.kind === 'url') return (await import('./fetch-key-file.ts')).fetchKeyFile(reference.url, deps);
  const value = deps.env[reference.variable];
  if (value !== undefined && value !== '') return value;
  throw new SigningError('KEY_UNREADABLE', `The variable ${reference.variable} holds no key; set it`);
}
