import { readBoolean, readOctets, readOid } from '../src/codec/der/primitives.ts';
import { type DerValue, readChildren, readDer, readSequence } from '../src/codec/der/read.ts';
import { derTag } from '../src/codec/der/tag.ts';
import { derContext, derSequence } from '../src/codec/der/write.ts';

/** One extension, and whether it must be understood. */
export interface ExtensionPart {
  readonly critical: boolean;
  readonly value: Buffer;
}

/** The extensions of a certificate in DER, by object identifier, in their order. */
export function extensionsOf(certificate: Buffer): Map<string, ExtensionPart> {
  return new Map(
    listOf(certificate).map((raw) => {
      const [oid, ...rest] = readSequence(raw);
      const critical = rest[0]?.tag === derTag.boolean && readBoolean(rest[0]);
      return [readOid(oid), { critical, value: readOctets(rest.at(-1)) }];
    }),
  );
}

/** What an issuer signed, without one of its extensions. */
export function tbsWithout(certificate: Buffer, oid: string): Buffer {
  const [tbs] = readSequence(readDer(certificate));
  const fields = readSequence(tbs);
  const kept = listOf(certificate).filter((raw) => readOid(readSequence(raw)[0]) !== oid);
  const extensions = derContext(3, derSequence(...kept.map(({ raw }) => raw)));
  return derSequence(...fields.slice(0, -1).map(({ raw }) => raw), extensions);
}

function listOf(certificate: Buffer): DerValue[] {
  const [tbs] = readSequence(readDer(certificate));
  return readSequence(readChildren(readSequence(tbs).at(-1) as DerValue)[0]);
}
