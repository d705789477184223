import type { LineRange } from '../../../finding/misconfiguration.ts';

/** A value as Kubernetes reads it, with the lines where it stands. An alias is the very node that its anchor names. */
export type PlacedNode = PlacedScalar | PlacedList | PlacedMap;

/** A leaf. */
export interface PlacedScalar {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  readonly lines: LineRange;
}

/** A list, in order. */
export interface PlacedList {
  readonly kind: 'list';
  readonly items: readonly PlacedNode[];
  readonly lines: LineRange;
}

/** Names with values. */
export interface PlacedMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, PlacedEntry>;
  readonly lines: LineRange;
}

/** A value under its name, and the lines of both. */
export interface PlacedEntry {
  readonly lines: LineRange;
  readonly value: PlacedNode;
}

/**
 * What stands under a way of names; undefined where there is nothing, or null, which API servers take for nothing (API conventions,
 * "Optional vs. Required").
 */
export function entryAt(node: PlacedNode | undefined, ...way: readonly string[]): PlacedEntry | undefined {
  let value = node;
  let entry: PlacedEntry | undefined;
  for (const name of way) {
    entry = value?.kind === 'map' ? value.entries.get(name) : undefined;
    value = entry?.value;
  }
  return value?.kind === 'scalar' && value.value === null ? undefined : entry;
}

/** As {@link entryAt}, without the name. */
export function valueAt(node: PlacedNode | undefined, ...way: readonly string[]): PlacedNode | undefined {
  return entryAt(node, ...way)?.value;
}

/** What a list under a way of names holds; nothing where there is no list. */
export function itemsAt(node: PlacedNode | undefined, ...way: readonly string[]): readonly PlacedNode[] {
  const value = valueAt(node, ...way);
  return value?.kind === 'list' ? value.items : [];
}

/** Names and values of a map under a way of names; nothing where there is no map. */
export function entriesAt(node: PlacedNode | undefined, ...way: readonly string[]): Iterable<[string, PlacedEntry]> {
  const value = way.length === 0 ? node : valueAt(node, ...way);
  return value?.kind === 'map' ? value.entries : [];
}

/** A leaf under a way of names; undefined for everything else. */
export function scalarAt(
  node: PlacedNode | undefined,
  ...way: readonly string[]
): boolean | number | string | undefined {
  const value = way.length === 0 ? node : valueAt(node, ...way);
  return value?.kind === 'scalar' ? (value.value ?? undefined) : undefined;
}

/** A text under a way of names; undefined for everything else. */
export function textAt(node: PlacedNode | undefined, ...way: readonly string[]): string | undefined {
  const value = scalarAt(node, ...way);
  return typeof value === 'string' ? value : undefined;
}
