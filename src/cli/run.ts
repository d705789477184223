import { readFileSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';
import { isatty } from 'node:tty';
import { CommanderError } from 'commander';
import { assetText, isSingleFile, singleFileAssets } from '../base/single-file.ts';
import { normalizeSwitches } from './config/flags.ts';
import { exitCode } from './exit-code.ts';
import { openHost } from './open-host.ts';
import { type AddCommands, buildProgram } from './program/build-program.ts';
import { reportFailure } from './program/registrar.ts';
import { type RestartedProcess, restartWith } from './restart-with.ts';
import { openOutput } from './stream-output.ts';

/** Runs the command line of this process with some of the commands. */
export async function runProgram(commands: readonly AddCommands[]): Promise<void> {
  const cwd = workingFolder();
  if (cwd === undefined) {
    await openOutput(process.stderr, 'stderr').write(
      'error WORKING_FOLDER_GONE: The working folder cannot be found, which may have been removed; change to another one\n',
    );
    process.exitCode = exitCode.error;
    return;
  }
  const host = openHost({
    env: process.env,
    cwd,
    home: homeFolder(),
    arch: process.arch,
    cores: availableParallelism(),
    version: readVersion(),
    stdout: openOutput(process.stdout, 'stdout'),
    stderr: openOutput(process.stderr, 'stderr'),
    stdin: () => process.stdin,
    terminal: isatty(0) ? () => process.stdin : undefined,
    onInterrupt: (stop) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(name));
    },
    exit: (status) => process.exit(status),
    restartWith: restartWith(ownProcess()),
  });
  const program = buildProgram(
    host,
    (status) => {
      process.exitCode = status;
    },
    commands,
  );
  try {
    await program.parseAsync(normalizeSwitches(process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitCode.ok : exitCode.error;
    else process.exitCode = await reportFailure(error, false, host);
  }
}

/** Undefined where it was removed while the shell was in it, or may not be looked at. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/**
 * A user of a container may have no home folder at all, or an empty `HOME`; what would lie there is then kept in the temporary folder, and
 * not where the program is started, which may be a checkout of somebody else's.
 */
function homeFolder(): string {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Copied by name: what Node has of itself is mostly in getters. */
function ownProcess(): RestartedProcess {
  const { platform, execPath, execArgv, argv, env, connected } = process;
  const execve = process.execve?.bind(process);
  return { platform, execPath, execArgv, argv, env, connected, isSingleFile: isSingleFile(), execve };
}

/** The manifest lies two folders up in the checkout (`src/cli`), one or two up in what is published (`cli`, `cli/verify`). */
function readVersion(): string {
  if (isSingleFile()) return (JSON.parse(assetText(singleFileAssets.manifest)) as { version: string }).version;
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as Record<
        string,
        string
      >;
      if (name === 'seaworthy' && version !== undefined) return version;
    } catch {
      continue;
    }
  }
  return '0.0.0';
}
