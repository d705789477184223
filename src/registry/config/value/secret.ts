import { readCappedFile } from '../../../base/capped-file.ts';
import { RegistryConfigError } from '../error.ts';
import { configLimits } from '../limits.ts';

/** Where a secret lies; the secret itself never stands in the configuration. */
export type SecretReference =
  | { readonly kind: 'env'; readonly name: string }
  /** An absolute path. */
  | { readonly kind: 'file'; readonly path: string };

/** A secret as a person may read of it: its place. */
export function formatSecretReference(reference: SecretReference): string {
  return reference.kind === 'env' ? `env:${reference.name}` : reference.path;
}

/**
 * Reads a secret. One line break at the end of a file is left off, since editors add it.
 *
 * @throws RegistryConfigError SECRET_UNREADABLE
 */
export async function readSecret(
  reference: SecretReference,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const place = formatSecretReference(reference);
  const text = reference.kind === 'env' ? env[reference.name] : await readText(reference.path);
  if (text === undefined || text === '') {
    throw new RegistryConfigError('SECRET_UNREADABLE', `${place} holds no secret; put one there`);
  }
  return text;
}

async function readText(path: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readCappedFile(path, configLimits.fileBytes);
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    const advice = 'check that it is there and that this user may read it';
    throw new RegistryConfigError('SECRET_UNREADABLE', `${path} cannot be read (${code}); ${advice}`, { cause: error });
  }
  if (bytes !== undefined) return bytes.toString('utf8').replace(/\r?\n$/, '');
  throw new RegistryConfigError('SECRET_UNREADABLE', `${path} is too large to be a secret; name the right file`);
}
