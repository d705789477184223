import { CodecError } from '../../codec/error.ts';
import { readOid, readText } from '../../codec/der/primitives.ts';
import { type DerValue, readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';

/** One attribute of a name: its type and its value in DER. */
interface NameAttribute {
  readonly type: string;
  readonly value: DerValue;
}

/** A relative distinguished name: one attribute, rarely several. */
type NamePart = readonly NameAttribute[];

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'street',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.13': 'description',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};

/**
 * Reads a `Name` (RFC 5280, 4.1.2.4).
 *
 * @throws CodecError
 */
export function parseName(name: DerValue): readonly NamePart[] {
  return readSequence(name).map((part) => {
    const attributes = readSequence(part, derTag.set).map((attribute) => {
      const [type, value, ...rest] = readSequence(attribute);
      if (value === undefined || rest.length > 0) throw malformed('an attribute is not a type and a value');
      return { type: readOid(type), value };
    });
    if (attributes.length === 0) throw malformed('a part has no attribute');
    return attributes;
  });
}

/**
 * A name in DER for people to read, as in RFC 4514 but in the order of the certificate: `O=sigstore.dev, CN=sigstore`.
 *
 * @throws CodecError
 */
export function formatName(name: Uint8Array): string {
  return parseName(readDer(name))
    .map((part) => part.map(({ type, value }) => `${shortNames[type] ?? type}=${formatValue(value)}`).join('+'))
    .join(', ');
}

/**
 * Whether two names in DER are the same although they may be written in different string types, cases or blanks (RFC
 * 5280, 7.1). Chains are built on names that are the same byte by byte; this is for names that were copied by hand.
 *
 * @throws CodecError
 */
export function isSameName(one: Uint8Array, other: Uint8Array): boolean {
  if (Buffer.compare(one, other) === 0) return true;
  return foldName(one) === foldName(other);
}

function foldName(name: Uint8Array): string {
  const parts = parseName(readDer(name)).map((part) =>
    part.map(({ type, value }) => [type, foldValue(value)]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
  return JSON.stringify(parts);
}

function foldValue(value: DerValue): string {
  const text = textOf(value);
  return text === undefined ? value.raw.toString('hex') : ` ${text.trim().replaceAll(/\s+/g, ' ').toLowerCase()}`;
}

function formatValue(value: DerValue): string {
  const text = textOf(value);
  if (text === undefined) return `#${value.raw.toString('hex')}`;
  return text
    .replaceAll(/[\\",+<>;=]/g, (character) => `\\${character}`)
    .replaceAll(/\p{Cc}/gu, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function textOf(value: DerValue): string | undefined {
  try {
    return readText(value);
  } catch {
    // Old authorities use string types that nothing else here needs; their octets are compared as they are.
    return undefined;
  }
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The name cannot be read: ${what}`);
}
