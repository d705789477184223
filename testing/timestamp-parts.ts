import { readInteger, readOctets, readTime } from '../src/codec/der/primitives.ts';
import { type DerValue, readChildren, readDer, readSequence } from '../src/codec/der/read.ts';
import { contextTag, derTag } from '../src/codec/der/tag.ts';
import { derValue } from '../src/codec/der/write.ts';

/** What a granted timestamp consists of (RFC 3161, 2.4.2; RFC 5652, 5). */
export interface TimestampParts {
  /** The `MessageImprint` in DER. */
  readonly imprint: Buffer | undefined;
  readonly digest: Buffer;
  readonly time: Date;
  /** The time as it is written. */
  readonly timeText: string;
  readonly nonce: bigint | undefined;
  readonly certificates: readonly Buffer[];
  /** The signed attributes as they are signed: a SET. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Takes a response apart; undefined when it says no. */
export function timestampParts(response: Buffer): TimestampParts | undefined {
  const [status, token] = readSequence(readDer(response));
  if (readInteger(readSequence(status)[0]) !== 0n) return undefined;
  const [, content] = readSequence(token);
  const [, , encapsulated, ...rest] = readSequence(inside(content));
  const [, , imprint, , time, , nonce] = readSequence(readDer(readOctets(inside(readSequence(encapsulated)[1]))));
  const certificates = rest.filter(({ tag }) => tag === contextTag(0, true)).flatMap(readChildren);
  const [signer] = readSequence(rest.at(-1), derTag.set);
  const [, , , attributes, , signature] = readSequence(signer);
  return {
    imprint: imprint?.raw,
    digest: readOctets(readSequence(imprint)[1]),
    time: readTime(time),
    timeText: time?.content.toString() ?? '',
    nonce: nonce === undefined ? undefined : readInteger(nonce),
    certificates: certificates.map(({ raw }) => raw),
    signed: derValue(derTag.set, attributes?.content ?? Buffer.alloc(0)),
    signature: readOctets(signature),
  };
}

function inside(value: DerValue | undefined): DerValue | undefined {
  return readSequence(value, contextTag(0, true))[0];
}
