import { commandName, type ShellCommand } from '../shell/command.ts';
import { splitCommands, splitWordList } from '../shell/split-commands.ts';
import { isShell } from '../shell/unwrap.ts';
import { lineAt, type Heredoc, type Instruction, type JoinedText } from './instruction.ts';

/** A command of a `RUN`, and the lines of the file on which it stands, from 1. */
export interface RunCommand extends ShellCommand {
  readonly lines: { readonly start: number; readonly end: number };
}

/**
 * What a `RUN` runs, in order: its own line, and documents that are scripts, being all there is or what a shell reads.
 *
 * @throws LangError LIMIT_EXCEEDED
 */
export function runCommands({ rest, json, heredocs, start, end }: Instruction): RunCommand[] {
  if (json !== undefined) return splitWordList(json).map((command) => ({ ...command, lines: { start, end } }));
  const own = withLines(splitCommands(rest.text), rest);
  const scripts = heredocs.filter((heredoc) => isScript(heredoc, own));
  return [
    ...own,
    ...scripts.flatMap((heredoc) =>
      withLines(splitCommands(heredoc.body), { text: heredoc.body, starts: startsOf(heredoc) }),
    ),
  ];
}

function withLines(commands: readonly ShellCommand[], text: JoinedText): RunCommand[] {
  return commands.map((command) => ({
    ...command,
    lines: { start: lineAt(text, command.start), end: lineAt(text, Math.max(command.start, command.end - 1)) },
  }));
}

function isScript({ body }: Heredoc, own: readonly ShellCommand[]): boolean {
  const interpreter = /^#!\s*(?:\S*\/env\s+(?:-S\s+)?)?(\S+)/.exec(body)?.[1];
  if (own.length === 0) return interpreter === undefined || isShell(interpreter);
  // A shell without a file, or a text, of its own.
  return own.some(
    (command) => isShell(commandName(command)) && command.words.slice(1).every((word) => /^-[^c]*$/.test(word)),
  );
}

function startsOf({ body, line }: Heredoc): JoinedText['starts'] {
  const starts = [{ offset: 0, line }];
  for (let at = body.indexOf('\n'); at >= 0; at = body.indexOf('\n', at + 1)) {
    starts.push({ offset: at + 1, line: line + starts.length });
  }
  return starts;
}
