import type { Certificate } from '../certificate/certificate.ts';
import { isSameName } from '../certificate/distinguished-name.ts';
import type { GeneralName } from '../certificate/general-name.ts';
import { readSubjectAlternativeNames } from '../certificate/subject-alternative-names.ts';

/**
 * Whether the name by which an authority calls itself in a timestamp is one of its certificate's (RFC 3161, 2.4.2, `tsa`).
 *
 * @throws CodecError
 */
export function isNameOf(certificate: Certificate, name: GeneralName): boolean {
  if (name.kind === 'directory' && isSameName(name.content, certificate.subject)) return true;
  return readSubjectAlternativeNames(certificate).some(({ kind, value, content }) =>
    kind === 'directory' && name.kind === 'directory'
      ? isSameName(content, name.content)
      : kind === name.kind && value === name.value,
  );
}
