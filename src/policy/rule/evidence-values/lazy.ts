import { lazyObject } from '../../../base/lazy-object.ts';

/** Makes a record whose members are computed when they are asked for, and remembered; they may throw for what is not known. */
export function lazyRecord(members: Readonly<Record<string, () => unknown>>): Readonly<Record<string, unknown>> {
  return lazyObject(new Map(Object.entries(members)));
}
