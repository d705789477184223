import type { KeyObject } from 'node:crypto';
import { readCappedFile } from '../../../base/capped-file.ts';
import { SigningError } from '../../../signing/error.ts';
import { decryptPrivateKey } from '../../../signing/key/encrypted-key.ts';
import { readSecret } from '../value/secret.ts';
import type { ScanningConfig } from './model.ts';

const maxKeyBytes = 65_536;

/**
 * Reads the key by which a registry signs what it says of images. Errors name its file.
 *
 * @throws SigningError KEY_INVALID, KEY_PASSWORD_WRONG; RegistryConfigError SECRET_UNREADABLE; the system's error for a file that cannot
 *   be read
 */
export async function readReportKey(
  { file, password }: NonNullable<ScanningConfig['key']>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<KeyObject> {
  const pem = await readCappedFile(file, maxKeyBytes);
  if (pem === undefined) throw new SigningError('KEY_INVALID', `${file} is too large to be a key`);
  const secret = Buffer.from(password === undefined ? '' : await readSecret(password, env));
  try {
    return await decryptPrivateKey(pem, secret);
  } catch (cause) {
    if (!(cause instanceof SigningError)) throw cause;
    throw new SigningError(cause.code, `${file}: ${cause.message}`, { cause });
  } finally {
    secret.fill(0);
  }
}
