/** How much of an output is shown. */
export interface ShownPart {
  readonly lines: number;
  /** Of one line. */
  readonly characters: number;
}

/** An output as it is shown: what is left out of it is counted where it would stand. */
export function shorten(text: string, { lines, characters }: ShownPart): string {
  const all = text.replace(/\n+$/, '').split('\n');
  const shown = all.slice(0, lines).map((line) => {
    const rest = line.length - characters;
    return rest <= 0 ? line : `${line.slice(0, characters)}… (${rest} more characters)`;
  });
  const left = all.length - shown.length;
  if (left > 0) shown.push(`… (${left} more ${left === 1 ? 'line' : 'lines'})`);
  return shown.join('\n');
}
