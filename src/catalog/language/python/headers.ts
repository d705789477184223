/** Longest header block that is read, in bytes. Metadata that quote a whole licence stay below 100 kB. */
const maxHeaderBytes = 1024 * 1024;

/** Most header fields that are kept. */
const maxFields = 20_000;

/** A header field: its name in lower case, and its value with folded lines joined by line feeds. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads the header fields of core metadata: RFC 822 style, up to the first blank line, where the description starts.
 *
 * A line that is neither a field nor folded (old tools wrote licence texts so) is passed over, for the fields behind it
 * still count. Source: Python packaging, "Core metadata specifications".
 */
export function readHeaders(bytes: Buffer): HeaderField[] {
  const fields: { name: string; value: string }[] = [];
  for (const line of headerLines(bytes)) {
    const current = fields.at(-1);
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (current !== undefined) current.value += `\n${line.trim()}`;
      continue;
    }
    const match = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*:(.*)$/s.exec(line);
    if (match === null) continue;
    if (fields.length >= maxFields) break;
    fields.push({ name: (match[1] as string).toLowerCase(), value: (match[2] as string).trim() });
  }
  return fields;
}

/** The lines before the first empty one, without their ends. */
function headerLines(bytes: Buffer): string[] {
  let start = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const lines: string[] = [];
  const limit = Math.min(bytes.length, maxHeaderBytes);
  while (start < limit) {
    const found = bytes.indexOf(0x0a, start);
    const next = found < 0 || found > limit ? limit : found;
    const end = next > start && bytes[next - 1] === 0x0d ? next - 1 : next;
    if (end === start) break;
    lines.push(bytes.toString('utf8', start, end));
    start = next + 1;
  }
  return lines;
}
