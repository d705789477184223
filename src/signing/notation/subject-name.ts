import { CodecError } from '../../codec/error.ts';
import { readText } from '../../codec/der/primitives.ts';
import { type DerValue, readDer } from '../../codec/der/read.ts';
import { parseName } from '../certificate/distinguished-name.ts';

/** The attributes of a distinguished name by their types, each once. */
export type SubjectName = ReadonlyMap<string, string>;

/** Types as notation writes them, which are those of Go's crypto/x509. */
const typeNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
};

/** trust-store-trust-policy.md, "Trusted Identities Constraints". */
const mandatory = ['C', 'ST', 'O'];

/**
 * The subject of a certificate, for comparison with a trust policy.
 *
 * @throws CodecError MALFORMED; UNSUPPORTED where one type has several values, or C, ST or O is missing, so that nothing in
 * a policy can be meant
 */
export function readSubjectName(subject: Uint8Array): SubjectName {
  const name = new Map<string, string>();
  for (const part of parseName(readDer(subject))) {
    for (const { type, value } of part) {
      const known = typeNames[type] ?? type;
      if (part.length > 1 || name.has(known)) throw ambiguous(known);
      name.set(known, textOf(value));
    }
  }
  const missing = mandatory.find((type) => !name.get(type));
  if (missing !== undefined) throw new CodecError('UNSUPPORTED', `The certificate's subject has no ${missing}`);
  return name;
}

/** Values of old string types are never equal to what a policy can say: `#` begins none that it names. */
function textOf(value: DerValue): string {
  try {
    return readText(value);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return `#${value.raw.toString('hex')}`;
  }
}

function ambiguous(type: string): CodecError {
  return new CodecError('UNSUPPORTED', `The certificate's subject has several values in one part, or ${type} twice`);
}

/**
 * Reads a distinguished name as a trust policy has it: parts with one value each, separated by commas (RFC 4514; notaryproject,
 * trust-store-trust-policy.md). `S` is another word for `ST`.
 *
 * @throws CodecError MALFORMED
 */
export function parseSubjectName(text: string): SubjectName {
  const name = new Map<string, string>();
  for (const part of splitParts(text)) {
    const at = part.indexOf('=');
    const written = part.slice(0, Math.max(at, 0)).trim();
    if (!/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)$/.test(written)) {
      throw malformed(`"${part.trim().slice(0, 60)}" is no TYPE=VALUE`);
    }
    const type = written === 'S' ? 'ST' : written;
    if (name.has(type)) throw malformed(`it has ${type} twice`);
    name.set(type, readValue(part.slice(at + 1)));
  }
  const missing = mandatory.find((type) => !name.get(type));
  if (missing !== undefined) throw malformed(`it has no ${missing}; C, ST and O must be there`);
  return name;
}

/** Whether all that the one says is said by the other too. */
export function isSubsetOf(one: SubjectName, other: SubjectName): boolean {
  return [...one].every(([type, value]) => other.get(type) === value);
}

/** Cuts at commas that are not escaped. */
function splitParts(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** RFC 4514, 2.4 and 3: blanks around a value are not part of it unless they are escaped. */
function readValue(raw: string): string {
  const bytes: Buffer[] = [];
  let end = 0;
  for (const [token, hex, escaped] of raw.trimStart().matchAll(/\\([0-9A-Fa-f]{2})|\\(.?)|./gsu)) {
    if (hex !== undefined) bytes.push(Buffer.from(hex, 'hex'));
    else if (escaped !== undefined) {
      if (escaped === '' || !' "#+,;<=>\\'.includes(escaped)) throw malformed('a backslash escapes nothing');
      bytes.push(Buffer.from(escaped));
    } else {
      const isHexString = token === '#' && bytes.length === 0;
      if (isHexString || '";+<>\0'.includes(token)) throw malformed(`"${token}" is not escaped`);
      bytes.push(Buffer.from(token));
      if (token === ' ') continue;
    }
    end = bytes.length;
  }
  const value = Buffer.concat(bytes.slice(0, end));
  const text = value.toString();
  if (text === '' || !Buffer.from(text).equals(value)) throw malformed('a value is empty or not UTF-8');
  return text;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The distinguished name cannot be read: ${what}`);
}
