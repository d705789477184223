import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { RefusedError } from '../error.ts';

/** A JSON object that came in a request. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads the body of a request. @throws RefusedError */
export function parseRequest(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = parseStrictJson(body, 64);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new RefusedError('REQUEST_INVALID', `The request cannot be read: ${cause.message}`, { cause });
  }
  if (!isObject(value)) throw new RefusedError('REQUEST_INVALID', 'The request is not a JSON object');
  return value;
}

/** The object at a path. @throws RefusedError */
export function objectAt(value: JsonObject, ...path: readonly string[]): JsonObject {
  const found = at(value, path);
  if (!isObject(found)) throw missing(path, 'an object');
  return found;
}

/** The object at a path; undefined where there is none. */
export function optionalObjectAt(value: JsonObject, ...path: readonly string[]): JsonObject | undefined {
  const found = at(value, path);
  return isObject(found) ? found : undefined;
}

/** The objects of a list. @throws RefusedError */
export function objectsAt(value: JsonObject, ...path: readonly string[]): readonly JsonObject[] {
  const found = at(value, path);
  if (!Array.isArray(found) || !found.every(isObject)) throw missing(path, 'a list of objects');
  return found;
}

/** The texts of a list. @throws RefusedError */
export function textsAt(value: JsonObject, ...path: readonly string[]): readonly string[] {
  const found = at(value, path);
  if (!Array.isArray(found) || !found.every((item) => typeof item === 'string')) throw missing(path, 'a list of texts');
  return found;
}

/** The text at a path, which must not be empty. @throws RefusedError */
export function textAt(value: JsonObject, ...path: readonly string[]): string {
  const found = at(value, path);
  if (typeof found !== 'string' || found === '') throw missing(path, 'a text');
  return found;
}

/** The text at a path; undefined where there is none or an empty one. */
export function optionalTextAt(value: JsonObject, ...path: readonly string[]): string | undefined {
  const found = at(value, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The bytes that stand in base64 at a path. @throws RefusedError */
export function bytesAt(value: JsonObject, ...path: readonly string[]): Buffer {
  return decodeBytes(textAt(value, ...path), path.join('.'));
}

/** Reads base64 of a request. @throws RefusedError */
export function decodeBytes(text: string, name: string): Buffer {
  try {
    return decodeBase64(text);
  } catch (cause) {
    throw new RefusedError('REQUEST_INVALID', `${name} is not base64`, { cause });
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(value: JsonObject, path: readonly string[]): unknown {
  let found: unknown = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

function missing(path: readonly string[], what: string): RefusedError {
  return new RefusedError('REQUEST_INVALID', `${path.join('.')} is not ${what}`);
}
