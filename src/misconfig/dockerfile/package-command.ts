import type { RunCommand } from '../../lang/dockerfile/run-commands.ts';
import type { Step } from '../../lang/dockerfile/stages.ts';
import { commandName } from '../../lang/shell/command.ts';

/** A package manager that was run. */
export interface PackageCommand {
  readonly manager: string;
  /** `install`, `add`; absent where there is none. */
  readonly subcommand?: string;
  /** What begins with a dash, wherever it stands, with `=value` where it is written so. */
  readonly options: readonly string[];
  /** What follows the subcommand and is no option. */
  readonly operands: readonly string[];
  readonly lines: RunCommand['lines'];
}

const rpmOptions: readonly string[] = [
  '-c',
  '--config',
  '-d',
  '--debuglevel',
  '-e',
  '--errorlevel',
  '-x',
  '--exclude',
  '-R',
  '--installroot',
  '--releasever',
  '--enablerepo',
  '--disablerepo',
  '--repo',
  '--setopt',
  '--forcearch',
];

const aptOptions: readonly string[] = [
  '-o',
  '--option',
  '-c',
  '--config-file',
  '-t',
  '--target-release',
  '--default-release',
  '-a',
  '--host-architecture',
];

/** Package managers, and those of their options whose value is the next word. */
const managers: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['apk', new Set(['-X', '--repository', '-p', '--root', '-t', '--virtual', '--keys-dir', '--cache-dir', '--arch'])],
  ['apt', new Set(aptOptions)],
  ['apt-get', new Set(aptOptions)],
  ['dnf', new Set(rpmOptions)],
  ['microdnf', new Set(rpmOptions)],
  ['yum', new Set(rpmOptions)],
  ['zypper', new Set(['-c', '--config', '-R', '--root', '-D', '--reposd-dir', '--cache-dir', '-r', '--repo'])],
]);

/** The package managers that a `RUN` runs, in order. */
export function packageCommands({ commands }: Step): PackageCommand[] {
  return commands.flatMap((command) => readPackageCommand(command) ?? []);
}

function readPackageCommand(command: RunCommand): PackageCommand | undefined {
  const manager = commandName(command).replace(/^dnf[45]$/, 'dnf');
  const valued = managers.get(manager);
  if (valued === undefined) return undefined;
  const options: string[] = [];
  const operands: string[] = [];
  for (let at = 1; at < command.words.length; at += 1) {
    const word = command.words[at] as string;
    if (!word.startsWith('-') || word === '-') operands.push(word);
    else if (valued.has(word)) {
      at += 1;
      options.push(`${word}=${command.words[at] ?? ''}`);
    } else options.push(word);
  }
  const [subcommand, ...rest] = operands;
  return {
    manager,
    options,
    operands: rest,
    lines: command.lines,
    ...(subcommand === undefined ? {} : { subcommand }),
  };
}
