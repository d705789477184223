/**
 * Reads a properties file (java.util.Properties.load): comments, `=`, `:` or blanks between key and value, lines that
 * go on after a backslash, `\uXXXX`. Of a repeated key the last counts.
 */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  let logical = '';
  for (const line of text.split(/\r\n|\r|\n/)) {
    const part = line.trimStart();
    if (logical === '' && (part === '' || part.startsWith('#') || part.startsWith('!'))) continue;
    if (isContinued(part)) {
      logical += part.slice(0, -1);
      continue;
    }
    addProperty(properties, logical + part);
    logical = '';
  }
  addProperty(properties, logical);
  return properties;
}

/** An odd number of backslashes at the end: the last one is not escaped, and takes the next line in. */
function isContinued(line: string): boolean {
  let end = line.length;
  while (end > 0 && line[end - 1] === '\\') end--;
  return (line.length - end) % 2 === 1;
}

function addProperty(properties: Map<string, string>, line: string): void {
  const key = /^(?:\\.|[^\\=:\s])+/s.exec(line)?.[0];
  if (key === undefined) return;
  const value = line.slice(key.length).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
  properties.set(unescape(key), unescape(value));
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:u([\da-fA-F]{4})|(.))/gs, (escape, code?: string, character?: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    switch (character) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      default:
        return character ?? escape;
    }
  });
}
