import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';

/** The error of an entry that breaks its format. */
export function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The log entry cannot be read: ${what}`);
}

/** The error of an entry that says what nobody here understands. */
export function unsupported(what: string): CodecError {
  return new CodecError('UNSUPPORTED', `The log entry cannot be read: ${what}`);
}

/** An object inside another. @throws CodecError */
export function objectIn(parent: JsonObject, name: string): JsonObject {
  return asObject(parent[name], name, malformed);
}

/** An object inside another, or nothing when it is absent or null. @throws CodecError */
export function optionalObjectIn(parent: JsonObject, name: string): JsonObject | undefined {
  return parent[name] === undefined || parent[name] === null ? undefined : objectIn(parent, name);
}

/** A list of at most so many values; absent is empty, as protobuf has it. @throws CodecError */
export function listIn(parent: JsonObject, name: string, most: number): readonly unknown[] {
  const value = parent[name] ?? [];
  if (!Array.isArray(value)) throw malformed(`${name} is not a list`);
  if (value.length > most) throw new CodecError('LIMIT_EXCEEDED', `The log entry has more than ${most} ${name}`);
  return value;
}

/** A text that is not empty. @throws CodecError */
export function textIn(parent: JsonObject, name: string): string {
  return asText(parent[name], name);
}

/** The value, when it is a text that is not empty. @throws CodecError */
export function asText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(`${name} is not a text`);
  return value;
}

/** Bytes in base64. @throws CodecError */
export function bytesIn(parent: JsonObject, name: string): Buffer {
  return decodeBase64(textIn(parent, name));
}

/** Bytes in hexadecimal. @throws CodecError */
export function hexIn(parent: JsonObject, name: string): Buffer {
  return asHex(parent[name], name);
}

/** The value, when it is bytes in hexadecimal. @throws CodecError */
export function asHex(value: unknown, name: string): Buffer {
  const text = asText(value, name);
  if (!/^(?:[0-9a-f]{2}){1,128}$/i.test(text)) throw malformed(`${name} is not hexadecimal`);
  return Buffer.from(text, 'hex');
}

/** A whole number that is exact in JSON. @throws CodecError */
export function integerIn(parent: JsonObject, name: string): bigint {
  const value = parent[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw malformed(`${name} is not a whole number`);
  return BigInt(value);
}
