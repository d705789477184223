import { readText } from '../../../codec/der/primitives.ts';
import { readDer } from '../../../codec/der/read.ts';
import type { Certificate } from '../../../signing/certificate/certificate.ts';
import { parseName } from '../../../signing/certificate/distinguished-name.ts';
import { readSubjectAlternativeNames } from '../../../signing/certificate/subject-alternative-names.ts';

/** Where in a certificate a name stands. */
export type CertificateNameKind = 'common-name' | 'dns' | 'email' | 'uri';

/** All kinds. */
export const certificateNameKinds: readonly CertificateNameKind[] = ['common-name', 'dns', 'email', 'uri'];

const commonNameOid = '2.5.4.3';
const unitOid = '2.5.4.11';

/**
 * The names of a kind, in order. A subject with several common names has none: which of them is meant is not said anywhere.
 *
 * @throws CodecError
 */
export function readNames(certificate: Certificate, kind: CertificateNameKind): readonly string[] {
  if (kind === 'common-name') return readCommonName(certificate);
  return readSubjectAlternativeNames(certificate)
    .filter((name) => name.kind === kind)
    .map(({ value }) => value);
}

/** The organizational units of its subject, in order. @throws CodecError */
export function readUnits(certificate: Certificate): readonly string[] {
  return readSubject(certificate, unitOid);
}

function readCommonName(certificate: Certificate): readonly string[] {
  const values = readSubject(certificate, commonNameOid);
  return values.length === 1 ? values : [];
}

function readSubject({ subject }: Certificate, oid: string): readonly string[] {
  return parseName(readDer(subject))
    .flat()
    .filter(({ type }) => type === oid)
    .map(({ value }) => readText(value));
}
