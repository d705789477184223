/** One simple command of a script (POSIX.1-2024, Shell Command Language, 2.9.1). */
export interface ShellCommand {
  /** Quotes and escapes resolved; variables as they are written. The first is the command's name; never empty. */
  readonly words: readonly string[];
  /** Where it stands in the script; of one in a text that another runs (`sh -c`), where that one stands. */
  readonly start: number;
  readonly end: number;
  /** True where it changes nothing for what follows: in `( … )`, `$( … )`, a pipe's text, or another shell. */
  readonly inner: boolean;
}

/** The name that a command is called by, without the folder. */
export function commandName({ words }: ShellCommand): string {
  const name = words[0] ?? '';
  return name.slice(name.lastIndexOf('/') + 1);
}
