import { CodecError } from '../../codec/error.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import type { Certificate } from '../../signing/certificate/certificate.ts';
import { parseCertificate } from '../../signing/certificate/parse.ts';
import { signingLimits } from '../../signing/limits.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/**
 * The certificates of a PEM file, at least one.
 *
 * @param option the flag that named the file
 * @throws ConfigError SETTING_INVALID
 */
export async function readCertificates(path: string, option: string, host: Host): Promise<Certificate[]> {
  const bytes = await readInput(path, signingLimits.trustBytes, option, host);
  try {
    const blocks = parsePem(bytes.toString('latin1'));
    if (blocks.length === 0) throw new CodecError('MALFORMED', 'it holds no certificate');
    return blocks.map(({ bytes: der }) => parseCertificate(der));
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    const message = `The certificates in ${path} cannot be used: ${cause.message}; check ${option}`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}
