/**
 * JSON in the one form that signatures are made over (RFC 8785): names in the order of their UTF-16 units, no blanks,
 * numbers and texts as ECMAScript writes them. Members that are undefined are left out.
 */
export function canonicalJson(value: unknown): string {
  return writeJson(value, (text) => JSON.stringify(text));
}

/** The canonical JSON of TUF's metadata (OLPC): as above, but texts escape quotes and backslashes alone. */
export function canonicalTufJson(value: unknown): string {
  return writeJson(value, (text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
}

/** Only for values that this program made, which nest a few levels. */
function writeJson(value: unknown, writeText: (text: string) => string): string {
  if (typeof value === 'string') return writeText(value);
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item, writeText)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${writeText(name)}:${writeJson(member, writeText)}`).join(',')}}`;
}
