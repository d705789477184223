/** A string variable that the linker set: `-X import/path.name=value`. */
export interface LinkedVariable {
  /** Import path of the package: `main`, `example.com/app/version`. */
  readonly package: string;
  readonly name: string;
  readonly value: string;
}

/** The variables that `-ldflags` set; of a repeated one, the last, as the linker does. */
export function parseLinkFlags(flags: string): readonly LinkedVariable[] {
  const variables = new Map<string, LinkedVariable>();
  const words = splitWords(flags);
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const inline = /^--?X=(.*)$/s.exec(word)?.[1];
    if (inline === undefined && word !== '-X' && word !== '--X') continue;
    const variable = parseVariable(inline ?? words[++index] ?? '');
    if (variable !== undefined) variables.set(`${variable.package}.${variable.name}`, variable);
  }
  return [...variables.values()];
}

function parseVariable(text: string): LinkedVariable | undefined {
  const equals = text.indexOf('=');
  const dot = text.lastIndexOf('.', equals);
  if (equals < 0 || dot < 1) return undefined;
  // People quote the value alone when flags pass through more than one shell.
  const value = text.slice(equals + 1).replace(/^(["'])(.*)\1$/s, '$2');
  return { package: text.slice(0, dot), name: text.slice(dot + 1, equals), value };
}

/** Splits as the go command does: at blanks, with single or double quotes around a word and no escapes. */
function splitWords(text: string): string[] {
  return Array.from(text.matchAll(/"([^"]*)"|'([^']*)'|((?:[^\s"']+|(?<=\S)["'][^"']*["']?)+)/g), (match) => {
    return match[1] ?? match[2] ?? match[3] ?? '';
  });
}
