const unitBytes: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KIB', 2 ** 10],
  ['MIB', 2 ** 20],
  ['GIB', 2 ** 30],
  ['TIB', 2 ** 40],
]);

const binaryUnits: readonly (readonly [string, number])[] = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
];

/**
 * Reads a number of bytes: `2GiB` (IEC 80000-13), `500MB` (SI), `1048576`; the case of the unit does not matter.
 *
 * @returns undefined when the text is no size, or too large to count exactly
 */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,16}(?:\.\d{1,6})?) ?([a-z]{0,3})$/i.exec(text);
  if (match === null) return undefined;
  const unit = unitBytes.get((match[2] as string).toUpperCase());
  if (unit === undefined) return undefined;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Writes bytes in the largest binary unit that needs no fraction, else the plain number, so that it reads back. */
export function formatByteSize(bytes: number): string {
  const unit = bytes === 0 ? undefined : binaryUnits.find(([, size]) => bytes % size === 0);
  return unit === undefined ? String(bytes) : `${bytes / unit[1]}${unit[0]}`;
}
