import type { LineRange } from '../../package/package.ts';

/**
 * The lines of each part of a text that begins with a line of a certain form: `[[package]]`, or `  name@1.2.3:`.
 * Such a part ends before the next one, or where `ends` says so; blank lines at its end are none of it.
 *
 * @param names gives a part's name, or undefined for lines that begin none
 * @param ends is true for lines after a part that belong to none
 */
export function linesOf(
  text: string,
  names: (line: string) => string | undefined,
  ends: (line: string) => boolean,
): ReadonlyMap<string, LineRange> {
  const found = new Map<string, LineRange>();
  let open: { readonly name: string; readonly start: number } | undefined;
  let last = 0;
  const close = (): void => {
    if (open !== undefined && !found.has(open.name)) found.set(open.name, { start: open.start, end: last });
    open = undefined;
  };
  for (const [index, line] of text.split('\n').entries()) {
    const name = names(line);
    if (name !== undefined || ends(line)) close();
    if (name !== undefined) open = { name, start: index + 1 };
    if (line.trim() !== '') last = index + 1;
  }
  close();
  return found;
}

/** The lines of the tables `[[package]]` of a lock file in TOML, with what is below them, in their order. */
export function packageTableLines(text: string): readonly LineRange[] {
  let count = 0;
  const lines = linesOf(
    text,
    (line) => (line.trimEnd() === '[[package]]' ? String((count += 1)) : undefined),
    (line) => line.startsWith('[') && !/^\[+\s*package\s*[.\]]/.test(line),
  );
  return [...lines.values()];
}
