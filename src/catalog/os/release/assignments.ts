/**
 * Reads a list of shell assignments, as os-release(5) and lsb-release define it: `NAME=value` lines, values bare or in
 * single or double quotes, a backslash keeping the next character as it is (in double quotes only `$`, `"`, `\` and the
 * grave accent). Nothing is expanded. Comments, blank lines and what is no assignment are passed over; of several
 * assignments to a name the last counts, as in a shell.
 */
export function parseAssignments(text: string): ReadonlyMap<string, string> {
  const assignments = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=/.exec(line);
    if (match === null) continue;
    const value = unquote(line.slice(match[0].length).trim());
    if (value !== undefined) assignments.set(match[1] as string, value);
  }
  return assignments;
}

/** A shell word without its quotes; undefined when a quote is left open. */
function unquote(word: string): string | undefined {
  let value = '';
  let quote = '';
  for (let at = 0; at < word.length; at += 1) {
    const character = word.charAt(at);
    if (quote === '') {
      // Outside quotes a blank ends the word; what follows would be a comment or a command.
      if (character === ' ' || character === '\t') break;
      if (character === '"' || character === "'") quote = character;
      else if (character === '\\') value += word.charAt((at += 1));
      else value += character;
    } else if (character === quote) {
      quote = '';
    } else if (character === '\\' && quote === '"' && '$"\\`'.includes(word.charAt(at + 1))) {
      value += word.charAt((at += 1));
    } else {
      value += character;
    }
  }
  return quote === '' ? value : undefined;
}
