import { printable } from '../base/printable.ts';
import { asObject, asText, badAnswer, isObject, type JsonObject } from './json.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from './model.ts';

/**
 * Takes an object out of an answer: it is of that type, and has a name. In lists, the server leaves out what they are; that is put in.
 *
 * @throws KubernetesError ANSWER_INVALID
 */
export function readObject(value: unknown, type: ResourceType, place: 'list' | 'alone'): KubernetesObject {
  const object = asObject(value, 'an object');
  const metadata = asObject(object['metadata'], 'metadata');
  if (asText(metadata['name']) === undefined) throw badAnswer('an object has no name');
  const apiVersion = apiVersionOf(type);
  if (object['apiVersion'] === apiVersion && object['kind'] === type.kind) return object as KubernetesObject;
  const untold = object['apiVersion'] === undefined && object['kind'] === undefined;
  if (place === 'list' && untold) return { apiVersion, kind: type.kind, ...object, metadata } as KubernetesObject;
  throw badAnswer(`${apiVersion} ${type.kind} was asked for, and ${kindOf(object)} came`);
}

/** Any object that says what it is. @throws KubernetesError ANSWER_INVALID */
export function readAnyObject(value: unknown): KubernetesObject {
  const object = asObject(value, 'the answer');
  const { apiVersion, kind, metadata } = object;
  if (asText(apiVersion) === undefined || asText(kind) === undefined) throw badAnswer('it does not say what it is');
  return { ...object, metadata: isObject(metadata) ? metadata : {} } as KubernetesObject;
}

/** What an answer says it is, for messages. */
export function kindOf(object: JsonObject): string {
  return `${printable(asText(object['apiVersion']) ?? 'nothing')} ${printable(asText(object['kind']) ?? '')}`.trimEnd();
}
