import { derTag } from '../der/tag.ts';
import { derOid, derSequence, derSet, derValue } from '../der/write.ts';

/** A distinguished name of an organisation and a common name (RFC 5280, 4.1.2.4). */
export function distinguishedName(organization: string, commonName: string): Buffer {
  return derSequence(attribute('2.5.4.10', organization), attribute('2.5.4.3', commonName));
}

/** The name of a certificate that says in its extensions whom it is for. */
export const emptyName: Buffer = derSequence();

function attribute(oid: string, text: string): Buffer {
  return derSet(derSequence(derOid(oid), derValue(derTag.utf8String, Buffer.from(text))));
}
