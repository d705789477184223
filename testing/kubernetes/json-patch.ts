import { isDeepStrictEqual } from 'node:util';

/** A change of a JSON document cannot be made; the document is then as before. */
export class PatchFailure extends Error {}

type Container = Record<string, unknown> | unknown[];

interface Operation {
  readonly op?: unknown;
  readonly path?: unknown;
  readonly from?: unknown;
  readonly value?: unknown;
}

/** Applies a list of operations (RFC 6902) to a copy. @throws PatchFailure */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) throw new PatchFailure('a patch is a list of operations');
  // Everything hangs below one field, so that the whole document may be replaced as well.
  const top: Record<string, unknown> = { root: structuredClone(document) };
  for (const operation of operations as readonly Operation[]) applyOne(top, operation);
  return top['root'];
}

function applyOne(top: Record<string, unknown>, { op, path, from, value, ...rest }: Operation): void {
  if (typeof path !== 'string') throw new PatchFailure('an operation has no path');
  const at = parsePointer(path);
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (value === undefined) throw new PatchFailure(`${op} has no value`);
      if (op === 'add') return add(top, at, structuredClone(value));
      if (op === 'replace') return replace(top, at, structuredClone(value));
      if (!isDeepStrictEqual(read(top, at), value)) throw new PatchFailure(`testing value ${path} failed`);
      return;
    case 'remove':
      return void remove(top, at);
    case 'move':
    case 'copy': {
      if (typeof from !== 'string') throw new PatchFailure(`${op} has no from`);
      if (op === 'move' && path.startsWith(`${from}/`)) throw new PatchFailure('nothing moves into itself');
      const source = parsePointer(from);
      const moved = op === 'move' ? remove(top, source) : structuredClone(read(top, source));
      return add(top, at, moved);
    }
    default:
      throw new PatchFailure(`unknown operation ${JSON.stringify({ op, ...rest })}`);
  }
}

/** RFC 6901. */
function parsePointer(text: string): string[] {
  if (text !== '' && !text.startsWith('/')) throw new PatchFailure(`${text} is no pointer`);
  const parts = text.split('/').slice(1);
  return ['root', ...parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))];
}

function parentOf(top: Container, at: readonly string[]): { readonly parent: Container; readonly key: string } {
  const parent = read(top, at.slice(0, -1));
  if (typeof parent !== 'object' || parent === null) throw new PatchFailure(`there is nothing to hold ${at.at(-1)}`);
  return { parent: parent as Container, key: at.at(-1) as string };
}

function read(top: Container, at: readonly string[]): unknown {
  let value: unknown = top;
  for (const key of at) {
    if (Array.isArray(value)) value = value[indexOf(key, value.length - 1)] as unknown;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
      value = (value as Record<string, unknown>)[key];
    } else throw new PatchFailure(`there is no ${key}`);
  }
  return value;
}

function add(top: Container, at: readonly string[], value: unknown): void {
  const { parent, key } = parentOf(top, at);
  if (Array.isArray(parent)) parent.splice(key === '-' ? parent.length : indexOf(key, parent.length), 0, value);
  else set(parent, key, value);
}

function replace(top: Container, at: readonly string[], value: unknown): void {
  read(top, at);
  const { parent, key } = parentOf(top, at);
  if (Array.isArray(parent)) parent[indexOf(key, parent.length - 1)] = value;
  else set(parent, key, value);
}

function remove(top: Container, at: readonly string[]): unknown {
  const value = read(top, at);
  const { parent, key } = parentOf(top, at);
  if (Array.isArray(parent)) parent.splice(indexOf(key, parent.length - 1), 1);
  else delete parent[key];
  return value;
}

/** As data, so that no name can mean anything else. */
function set(parent: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

function indexOf(key: string, most: number): number {
  if (!/^(?:0|[1-9]\d*)$/.test(key) || Number(key) > most) throw new PatchFailure(`there is no ${key} in the list`);
  return Number(key);
}
