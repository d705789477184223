import { CodecError } from '../../codec/error.ts';
import { readOid, readText } from '../../codec/der/primitives.ts';
import { type DerValue, readChildren, readDer } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import { formatName } from './distinguished-name.ts';

/** A name of any of the kinds that X.509 has (RFC 5280, 4.2.1.6). */
export interface GeneralName {
  /**
   * `other-name` is Fulcio's for identities that are neither address nor URI. Other kinds of other names, and the kinds
   * that nobody uses, are `unsupported`: none of them may be mistaken for an identity.
   */
  readonly kind: 'uri' | 'email' | 'dns' | 'ip' | 'other-name' | 'directory' | 'unsupported';
  /** As text; hexadecimal DER where it is unsupported. IPv6 addresses have all their groups. */
  readonly value: string;
  /** The identifier octet, which tells the kinds that are `unsupported` apart. */
  readonly tag: number;
  /** What stands inside the tag: the address of an `ip`, the name in DER of a `directory`. */
  readonly content: Buffer;
}

/** Fulcio's other name: the subject of the token as a UTF8String. */
const fulcioOtherName = '1.3.6.1.4.1.57264.1.7';

const textKinds: ReadonlyMap<number, 'email' | 'dns' | 'uri'> = new Map([
  [contextTag(1, false), 'email'],
  [contextTag(2, false), 'dns'],
  [contextTag(6, false), 'uri'],
]);
const unsupported: ReadonlySet<number> = new Set([contextTag(3, true), contextTag(5, true), contextTag(8, false)]);

/** @throws CodecError where the name is broken, empty, or has characters that hide what stands after them */
export function readGeneralName(name: DerValue): GeneralName {
  const { tag, content, raw } = name;
  const textKind = textKinds.get(tag);
  if (textKind !== undefined) return { kind: textKind, value: visible(readAscii(content)), tag, content };
  if (tag === contextTag(7, false)) return { kind: 'ip', value: formatIp(content), tag, content };
  if (tag === contextTag(4, true)) {
    const { raw: directory } = readDer(content);
    return { kind: 'directory', value: formatName(directory), tag, content: directory };
  }
  if (tag === contextTag(0, true)) return readOtherName(name);
  if (unsupported.has(tag)) return { kind: 'unsupported', value: raw.toString('hex'), tag, content };
  throw malformed(`it has the tag ${tag}`);
}

function readOtherName(name: DerValue): GeneralName {
  const [type, wrapped, ...rest] = readChildren(name);
  const oid = readOid(type);
  if (wrapped === undefined || wrapped.tag !== contextTag(0, true) || rest.length > 0) {
    throw malformed('an other name is not a type and a value');
  }
  const { tag, content, raw } = name;
  if (oid !== fulcioOtherName) return { kind: 'unsupported', value: raw.toString('hex'), tag, content };
  const text = readDer(wrapped.content);
  if (text.tag !== derTag.utf8String) throw malformed('the name that Fulcio gave is not a UTF-8 text');
  return { kind: 'other-name', value: visible(readText(text)), tag, content };
}

/** An address of 4 or 16 octets. */
function formatIp(address: Buffer): string {
  if (address.length === 4) return address.join('.');
  if (address.length !== 16) throw malformed(`an address has ${address.length} octets`);
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2).toString(16));
  return groups.join(':');
}

function readAscii(content: Buffer): string {
  if (content.some((byte) => byte >= 0x80)) throw malformed('a text has characters beyond ASCII');
  return content.toString('latin1');
}

/** A NUL or line break in a name has made verifiers compare only what stands before it. */
function visible(text: string): string {
  if (text === '') throw malformed('a text is empty');
  if (/\p{Cc}/u.test(text)) throw malformed('a text has control characters');
  return text;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The name cannot be read: ${what}`);
}
