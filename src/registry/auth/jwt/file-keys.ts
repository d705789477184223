import { open } from 'node:fs/promises';
import type { Logger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import { RegistryAuthError } from '../error.ts';
import { readCertificateKeys } from './certificate-keys.ts';
import type { JwtKey, KeySource } from './key-source.ts';
import { jwtLimits } from './limits.ts';
import { parseJwks } from './parse-jwks.ts';
import { RemoteKeys } from './remote-keys.ts';

/** Keys in a file, a set of keys in JSON or certificates in PEM, which is looked at again every few seconds. */
export function fileKeys(path: string, clock: Pick<Clock, 'monotonic'>, logger?: Logger): KeySource {
  return new RemoteKeys({
    subject: path,
    fetch: () => readKeyFile(path),
    clock,
    freshFor: jwtLimits.pollAfter,
    refetchAfter: jwtLimits.pollAfter,
    ...(logger === undefined ? {} : { logger }),
  });
}

/**
 * Reads the keys in a file.
 *
 * @throws RegistryAuthError AUTH_UNAVAILABLE, or AUTH_SETTING_INVALID for certificates that cannot be read
 */
async function readKeyFile(path: string): Promise<readonly JwtKey[]> {
  const bytes = await readBounded(path);
  const text = bytes.toString('utf8').trimStart();
  return text.startsWith('{') ? parseJwks(bytes, path) : readCertificateKeys(text, path);
}

async function readBounded(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    if (size > jwtLimits.fileBytes) throw new Error(`it has more than ${jwtLimits.fileBytes} bytes`);
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await file.read(buffer, 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new RegistryAuthError('AUTH_UNAVAILABLE', `The keys in ${path} cannot be read; check the file`, { cause });
  }
}
