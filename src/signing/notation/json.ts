import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { malformed } from './envelope.ts';
import { notationLimits } from './limits.ts';

/** A JSON object whose values nobody has looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON object in which no name is one of `names` but for its capitals: Go's readers, notation's among them, would
 * take `Crit` for `crit`, and so see another document.
 *
 * @param what completes "… is not JSON"
 * @throws VerificationError SIGNATURE_MALFORMED
 */
export function readFields(bytes: Uint8Array, what: string, names: readonly string[]): Fields {
  let value: unknown;
  try {
    value = parseStrictJson(bytes, notationLimits.jsonDepth);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw malformed(`${what}: ${cause.message}`, cause);
  }
  return asFields(value, what, names);
}

/** The same for a value inside a document. @throws VerificationError SIGNATURE_MALFORMED */
export function asFields(value: unknown, what: string, names: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  const lower = new Set(names.map((name) => name.toLowerCase()));
  for (const name of Object.keys(value)) {
    if (!names.includes(name) && lower.has(name.toLowerCase())) {
      throw malformed(`${what} has "${name.slice(0, 60)}", which readers take for different things`);
    }
  }
  return value as Fields;
}

/** The value of a name, where the object itself has it. */
export function fieldOf(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** A text. @throws VerificationError SIGNATURE_MALFORMED */
export function textOf(fields: Fields, name: string): string {
  const value = fieldOf(fields, name);
  if (typeof value !== 'string') throw malformed(`"${name}" is no text`);
  return value;
}
