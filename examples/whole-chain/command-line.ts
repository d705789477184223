/** Where a command is typed: the chain's own folder is called `$W` there. */
export interface TypingPlace {
  readonly work: string;
  readonly platform: NodeJS.Platform;
}

/** A call of this program as it is typed in the checkout's folder. */
export function seaworthyLine(args: readonly string[], place: TypingPlace): string {
  const program = place.platform === 'win32' ? ['node', 'bin\\seaworthy.js'] : ['./bin/seaworthy.js'];
  return typedLine([...program, ...args], place);
}

/** Any command as a POSIX shell takes it where `W` is set to the chain's folder, or as `cmd` does on Windows. */
export function typedLine(words: readonly string[], { work, platform }: TypingPlace): string {
  if (platform === 'win32')
    return words.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `"${word}"`)).join(' ');
  return words
    .map((word) =>
      word
        .split(work)
        .map(quote)
        .join(/^[\w./-]+$/.test(work) ? '$W' : '"$W"'),
    )
    .join(' ');
}

function quote(text: string, at: number, { length }: readonly string[]): string {
  if (text === '' && length > 1) return '';
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
