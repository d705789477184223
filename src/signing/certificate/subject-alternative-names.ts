import { CodecError } from '../../codec/error.ts';
import { readDer, readSequence } from '../../codec/der/read.ts';
import type { Certificate } from './certificate.ts';
import { extensionOid } from './extensions.ts';
import { type GeneralName, readGeneralName } from './general-name.ts';
import { certificateLimits } from './limits.ts';

/**
 * All names that a certificate was issued for besides its subject (RFC 5280, 4.2.1.6), in order; none where it has no
 * such extension.
 *
 * @throws CodecError
 */
export function readSubjectAlternativeNames(certificate: Certificate): readonly GeneralName[] {
  const value = certificate.extensions.get(extensionOid.subjectAlternativeName)?.value;
  if (value === undefined) return [];
  const names = readSequence(readDer(value));
  if (names.length === 0) throw new CodecError('MALFORMED', 'The certificate has an empty list of names');
  if (names.length > certificateLimits.names) {
    throw new CodecError('LIMIT_EXCEEDED', `The certificate has ${names.length} names`);
  }
  return names.map(readGeneralName);
}
