import { KubernetesError } from './error.ts';

/** A JSON object from outside: read only by names that are known beforehand. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Makes the error of the document being read, out of what is wrong with it. */
export type Complain = (what: string) => Error;

/** The error of an answer that no API server gives. */
export function badAnswer(what: string, cause?: unknown): KubernetesError {
  const sentence = `The cluster answered with something that its API does not have: ${what}; check that the server's address is that of an API server`;
  return new KubernetesError('ANSWER_INVALID', sentence, cause === undefined ? {} : { cause });
}

/** Reads bytes as JSON of any kind. @throws what `complain` makes */
export function parseJson(bytes: Uint8Array, complain: Complain = badAnswer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // What is wrong with it may quote it.
    throw complain('it is not JSON');
  }
}

/** The value as an object. @throws what `complain` makes */
export function asObject(value: unknown, name: string, complain: Complain = badAnswer): JsonObject {
  if (!isObject(value)) throw complain(`${name} is not an object`);
  return value;
}

/** Whether a value is an object, and no list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a list of at most `most` entries; Go programs write an empty list as `null` or leave it out. */
export function asList(value: unknown, name: string, most: number, complain: Complain = badAnswer): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw complain(`${name} is not a list`);
  if (value.length > most) throw complain(`${name} has ${value.length} entries, more than ${most}`);
  return value;
}

/** The value when it is a string that says something. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
