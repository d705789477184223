import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import { formatPem, parsePem } from '../../../codec/pem/pem.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { certificateLimits } from '../../../signing/certificate/limits.ts';
import { parseCertificate } from '../../../signing/certificate/parse.ts';
import { parsePublicKey } from '../../../signing/key/parse-public-key.ts';
import { isOpen, type Translation } from './translation.ts';

/** Certificates of one field; trust stores of companies have a few dozen. */
const usual = 100;

/**
 * Certificates in PEM, as they are written on every system. Kyverno takes such a text in base64 as well. Undefined for what is wrong.
 *
 * @param most how many there may be
 */
export function certificatesOf(
  text: string,
  path: ConfigPath,
  translation: Translation,
  most: number = usual,
): string | undefined {
  if (isOpen(text, translation, path)) return text;
  return check(path, translation, () => {
    const blocks = parsePem(decoded(text)).filter(({ label }) => label === 'CERTIFICATE');
    if (blocks.length === 0)
      throw new RangeError('it holds no certificate; give PEM that begins with BEGIN CERTIFICATE');
    if (blocks.length > most) throw new RangeError(`it holds ${blocks.length} certificates, and may hold ${most}`);
    for (const { bytes } of blocks) parseCertificate(bytes);
    return blocks.map((block) => formatPem(block)).join('');
  });
}

/** Keys of logs in PEM. */
export function logKeysOf(text: string, path: ConfigPath, translation: Translation): string | undefined {
  if (isOpen(text, translation, path)) return text;
  return check(path, translation, () => {
    const pems = parsePem(text).map((block) => formatPem(block));
    if (pems.length === 0) throw new RangeError('it holds no key; give PEM that begins with BEGIN PUBLIC KEY');
    for (const pem of pems) parsePublicKey(pem);
    return pems.join('');
  });
}

function decoded(text: string): string {
  const bare = text.replaceAll(/\s/g, '');
  if (bare.length > 2 * certificateLimits.bytes * usual || !/^[A-Za-z0-9+/]+=*$/.test(bare)) return text;
  return Buffer.from(bare, 'base64').toString('utf8');
}

function check(path: ConfigPath, { mistakes }: Translation, read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (!isSeaworthyError(error) && !(error instanceof RangeError)) throw error;
    mistakes.push({ path, sentence: `cannot be used: ${printable(errorMessage(error), 300)}` });
    return undefined;
  }
}
