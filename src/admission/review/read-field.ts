import { isObject, type JsonObject } from '../../lang/jmespath/value.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { GroupVersionKind, GroupVersionResource } from './model.ts';

/** That a body is no AdmissionReview. @param what is wrong, without a full stop */
export function malformed(what: string, cause?: unknown): AdmissionError {
  const sentence = `The body is no AdmissionReview: ${what}; only API servers are answered here`;
  return new AdmissionError('REVIEW_MALFORMED', sentence, cause === undefined ? {} : { cause });
}

/** A text that must be there. @param path that it is told by */
export function readText(object: JsonObject, name: string, path: string): string {
  const value = object[name];
  if (typeof value !== 'string') throw malformed(`${path} is no text`);
  if (value.length > admissionLimits.nameLength) {
    throw malformed(`${path} has more than ${admissionLimits.nameLength} characters`);
  }
  return value;
}

/** A text of a request; empty where it is absent, as Go leaves out what is empty. */
export function optionalText(request: JsonObject, name: string): string {
  const value = request[name];
  return value === undefined || value === null ? '' : readText(request, name, `request.${name}`);
}

/** An object that must be there. */
export function readObject(object: JsonObject, name: string, path: string): JsonObject {
  const value = object[name] ?? null;
  if (!isObject(value)) throw malformed(`${path} is no object`);
  return value;
}

/** An object of a request; undefined where it is absent or null. */
export function optionalObject(request: JsonObject, name: string): JsonObject | undefined {
  const value = request[name];
  return value === undefined || value === null ? undefined : readObject(request, name, `request.${name}`);
}

/** The kind that a member of a request names. */
export function readKind(request: JsonObject, name: string): GroupVersionKind {
  const { group, version, last } = readTriple(request, name, 'kind');
  return { group, version, kind: last };
}

/** The resource that a member of a request names. */
export function readResource(request: JsonObject, name: string): GroupVersionResource {
  const { group, version, last } = readTriple(request, name, 'resource');
  return { group, version, resource: last };
}

function readTriple(
  request: JsonObject,
  name: string,
  third: 'kind' | 'resource',
): { readonly group: string; readonly version: string; readonly last: string } {
  const path = `request.${name}`;
  const triple = readObject(request, name, path);
  return {
    group: readText(triple, 'group', `${path}.group`),
    version: readText(triple, 'version', `${path}.version`),
    last: readText(triple, third, `${path}.${third}`),
  };
}
