import { createHash } from 'node:crypto';
import { readBitString } from '../der/primitives.ts';
import { readDer, readSequence } from '../der/read.ts';
import { contextTag, derTag } from '../der/tag.ts';
import { derBoolean, derContext, derInteger, derOid, derSequence, derValue } from '../der/write.ts';

/** Purposes of a certificate (RFC 5280, 4.2.1.12). */
export const purposes = {
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** An Extension of a certificate. */
export function extension(oid: string, critical: boolean, value: Uint8Array): Buffer {
  return derSequence(derOid(oid), ...(critical ? [derBoolean(true)] : []), derValue(derTag.octetString, value));
}

/** What the key may do: signatures of messages, or of certificates and revocations (RFC 5280, 4.2.1.3). */
export function keyUsage(use: 'messages' | 'certificates'): Buffer {
  const bits = use === 'messages' ? [7, 0x80] : [1, 0x06];
  return extension('2.5.29.15', true, derValue(derTag.bitString, Buffer.from(bits)));
}

/** RFC 5280, 4.2.1.12. */
export function extendedKeyUsage(purpose: string, critical = false): Buffer {
  return extension('2.5.29.37', critical, derSequence(derOid(purpose)));
}

/** That the certificate is an authority, and how many may follow below it (RFC 5280, 4.2.1.9). */
export function basicConstraints(pathLength: number | undefined): Buffer {
  const length = pathLength === undefined ? [] : [derInteger(pathLength)];
  return extension('2.5.29.19', true, derSequence(derBoolean(true), ...length));
}

/** RFC 5280, 4.2.1.2. */
export function subjectKeyId(spki: Uint8Array): Buffer {
  return extension('2.5.29.14', false, derValue(derTag.octetString, keyId(spki)));
}

/** RFC 5280, 4.2.1.1. */
export function authorityKeyId(spki: Uint8Array): Buffer {
  const id = derValue(contextTag(0, false), keyId(spki));
  return extension('2.5.29.35', false, derSequence(id));
}

/** The names of a certificate without a subject, which makes them critical (RFC 5280, 4.2.1.6). */
export function subjectAltName(...names: readonly Uint8Array[]): Buffer {
  return extension('2.5.29.17', true, derSequence(...names));
}

/** A GeneralName that is a mail address, a host or a URI. */
export function generalName(kind: 'email' | 'dns' | 'uri', text: string): Buffer {
  const number = { email: 1, dns: 2, uri: 6 }[kind];
  return derValue(contextTag(number, false), Buffer.from(text));
}

/** A GeneralName that is an address of the network (RFC 5280, 4.2.1.6): its bytes. @param address as `node:net` tells one */
export function addressName(address: string): Buffer {
  return derValue(contextTag(7, false), addressBytes(address));
}

/** Four bytes, or sixteen; the host of a URL writes the latter in full or with one run of zeros left out (RFC 5952). */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...first, ...(tail === undefined ? [] : zeros), ...last].entries()) {
    bytes.writeUInt16BE(group, at * 2);
  }
  return bytes;
}

/** A GeneralName of a kind that an object identifier names, as text. */
export function otherName(oid: string, text: string): Buffer {
  return derContext(0, derOid(oid), derContext(0, derValue(derTag.utf8String, Buffer.from(text))));
}

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2, first way). */
function keyId(spki: Uint8Array): Buffer {
  const [, bits] = readSequence(readDer(spki));
  return createHash('sha1').update(readBitString(bits)).digest();
}
