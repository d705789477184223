import { isAbsolute, join } from 'node:path';
import { printable } from '../../base/printable.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { KubernetesError } from '../error.ts';
import { isObject, type JsonObject } from '../json.ts';

/** A named part of a kubeconfig. */
export interface KubeEntry {
  /** `user "me"`, for messages. */
  readonly title: string;
  /** The file that it stands in. */
  readonly file: string;
  /** The folder that its relative paths start from. */
  readonly folder: string;
  readonly fields: JsonObject;
}

/** What is wrong with an entry, as an error. Never told of it: its values, which may be secret. */
export function invalidEntry({ title, file }: KubeEntry, why: string, cause?: unknown): KubernetesError {
  const sentence = `The kubeconfig ${printable(file, 300)} cannot be used: ${title} ${why}`;
  return new KubernetesError('CONFIG_INVALID', sentence, cause === undefined ? {} : { cause });
}

/** A field that is text; undefined where it is absent or empty, which Go's readers cannot tell apart. @throws KubernetesError */
export function textField(entry: KubeEntry, name: string): string | undefined {
  const value = entry.fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw invalidEntry(entry, `has a ${name} that is no text; put it in quotes`);
}

/** A field that is true or false. @throws KubernetesError */
export function flagField(entry: KubeEntry, name: string): boolean {
  const value = entry.fields[name];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw invalidEntry(entry, `has a ${name} that is neither true nor false; correct it`);
}

/** A field that has fields of its own. @throws KubernetesError */
export function objectField(entry: KubeEntry, name: string): JsonObject | undefined {
  const value = entry.fields[name];
  if (value === undefined || value === null) return undefined;
  if (isObject(value)) return value;
  throw invalidEntry(entry, `has a ${name} that has no fields; correct it`);
}

/** A field that is a list. @throws KubernetesError */
export function listField(entry: KubeEntry, name: string, most: number): readonly unknown[] {
  const value = entry.fields[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.length <= most) return value;
  throw invalidEntry(entry, `has a ${name} that is no list, or too long a one; correct it`);
}

/** A field that is bytes as base64. @throws KubernetesError */
export function dataField(entry: KubeEntry, name: string): Buffer | undefined {
  const text = textField(entry, name);
  if (text === undefined) return undefined;
  try {
    return decodeBase64(text);
  } catch {
    throw invalidEntry(entry, `has a ${name} that is not base64; encode it`);
  }
}

/** A field that is a path: relative ones start at the folder of the file. */
export function pathField(entry: KubeEntry, name: string): string | undefined {
  const path = textField(entry, name);
  return path === undefined || isAbsolute(path) ? path : join(entry.folder, path);
}
