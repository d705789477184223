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

function readCommonName({ subject }: Certificate): readonly string[] {
  const values = parseName(readDer(subject))
    .flat()
    .filter(({ type }) => type === commonNameOid)
    .map(({ value }) => readText(value));
  return values.length === 1 ? values : [];
}
