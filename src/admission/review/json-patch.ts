import { isObject, type JsonObject, type JsonValue } from '../../lang/jmespath/value.ts';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import { formatPointer, parsePointer } from './json-pointer.ts';

/** One step of a patch (RFC 6902, 4.1, 4.3 and 4.6). Paths are JSON Pointers (RFC 6901). */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace' | 'test';
  readonly path: string;
  readonly value: JsonValue;
}

/** What an object is to be changed by, in order. */
export type JsonPatch = readonly JsonPatchOperation[];

/** A text that is to stand at a place. */
export interface PatchedValue {
  /** A JSON Pointer (RFC 6901): `/spec/containers/0/image`. */
  readonly pointer: string;
  readonly value: string;
}

/** What an object is to have when it was patched. */
export interface WantedChanges {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly values?: readonly PatchedValue[];
}

/**
 * The patch that gives an object what it is to have, annotations first. What it has already is left out, so that an object that was
 * patched needs no patch: API servers may ask again (`reinvocationPolicy: IfNeeded`).
 *
 * Before a value is replaced the one that was judged is tested for, so that the patch of another object than this one changes
 * nothing: places in lists are numbers, and say nothing of what stands there.
 *
 * @throws AdmissionError PATCH_IMPOSSIBLE where the object has no such place; then it must not be let through unchanged
 */
export function buildPatch(object: JsonObject, { annotations = {}, values = [] }: WantedChanges): JsonPatch {
  if (values.length > admissionLimits.patchedValues) throw impossible('more values than a patch may set');
  return [...annotate(object, annotations), ...setValues(object, values)];
}

function annotate(object: JsonObject, wanted: Readonly<Record<string, string>>): JsonPatchOperation[] {
  const names = Object.keys(wanted);
  const metadata = ownMember(object, 'metadata');
  const held = metadata === undefined || !isObject(metadata) ? undefined : ownMember(metadata, 'annotations');
  const present = held === undefined ? {} : held;
  if (metadata !== undefined && !isObject(metadata)) throw impossible('/metadata is no object');
  if (!isObject(present)) throw impossible('/metadata/annotations is no object');
  const missing = names.filter((name) => ownMember(present, name) !== wanted[name]);
  if (missing.length === 0) return [];
  const operations: JsonPatchOperation[] = [];
  if (metadata === undefined) operations.push({ op: 'add', path: '/metadata', value: {} });
  if (held === undefined) operations.push({ op: 'add', path: '/metadata/annotations', value: {} });
  for (const name of missing) {
    // Adding a member that is there replaces it (RFC 6902, 4.1).
    operations.push({
      op: 'add',
      path: formatPointer(['metadata', 'annotations', name]),
      value: wanted[name] as string,
    });
  }
  return operations;
}

function setValues(object: JsonObject, values: readonly PatchedValue[]): JsonPatchOperation[] {
  const operations: JsonPatchOperation[] = [];
  const set = new Map<string, string>();
  for (const { pointer, value } of values) {
    const path = formatPointer(parsePointer(pointer) ?? noPlace(pointer));
    const before = set.get(path);
    if (before === value) continue;
    if (before !== undefined) throw impossible(`${pointer} is to have two values`);
    set.set(path, value);
    operations.push(...setValue(object, path, value));
  }
  return operations;
}

function setValue(object: JsonObject, path: string, value: string): JsonPatchOperation[] {
  const names = parsePointer(path) ?? noPlace(path);
  const last = names.at(-1);
  if (last === undefined) throw impossible('the whole object is no text');
  let parent: JsonValue = object;
  for (const name of names.slice(0, -1)) parent = memberAt(parent, name) ?? noPlace(path);
  const found = memberAt(parent, last);
  if (found === value) return [];
  // What is null counts as absent, and is not added to a list, whose other members would move.
  if (found === undefined || found === null) {
    if (!isObject(parent)) throw impossible(`${path} is not there`);
    return [{ op: 'add', path, value }];
  }
  if (typeof found !== 'string') throw impossible(`${path} is no text`);
  return [
    { op: 'test', path, value: found },
    { op: 'replace', path, value },
  ];
}

/** A member of an object or a list; undefined where there is none. */
function memberAt(value: JsonValue, name: string): JsonValue | undefined {
  if (!Array.isArray(value)) return isObject(value) ? ownMember(value, name, true) : undefined;
  // RFC 6901, 4: no leading zeros.
  return /^(?:0|[1-9]\d{0,9})$/.test(name) ? (value as readonly JsonValue[])[Number(name)] : undefined;
}

/** @param orNull whether null is a value of its own; else it is as good as absent, as Go writes maps that it does not have */
function ownMember(object: JsonObject, name: string, orNull = false): JsonValue | undefined {
  if (!Object.hasOwn(object, name)) return undefined;
  const value = object[name];
  return value === null && !orNull ? undefined : value;
}

function noPlace(pointer: string): never {
  throw impossible(`${pointer} is not there`);
}

function impossible(what: string): AdmissionError {
  const sentence = `The object cannot be patched: ${what}; report this together with the object`;
  return new AdmissionError('PATCH_IMPOSSIBLE', sentence);
}
