import { Command } from 'commander';
import { addSettings } from '../config/flags.ts';
import type { Host } from '../host.ts';
import { describeError } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import { describeUsageError } from '../usage-error.ts';
import { examples, runOn, type Run } from './registrar.ts';
import { everyCommand } from './setting-groups.ts';

/** Adds some commands to the program. */
export type AddCommands = (program: Command, run: Run) => void;

/** The command line. Each command's own code is loaded when it runs, so that help and short commands stay quick. */
export function buildProgram(host: Host, finish: (status: number) => void, commands: readonly AddCommands[]): Command {
  // Help comes in several pieces; that they cannot be written is said once.
  let lost: Promise<void> | undefined;
  const tellLost = (error: unknown): Promise<void> => (lost ??= reportLost(error, host).then(finish));
  const program = new Command('seaworthy')
    .description('Secures container images: finds known vulnerabilities, lists what is inside, and gates pipelines.')
    .version(host.version, '-V, --version')
    .showSuggestionAfterError()
    // The longest flags leave less room than commander wraps by itself.
    .configureHelp({ minWidthToWrap: 16 })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text).catch(tellLost),
      writeErr: (text) => void host.stderr.write(text),
      outputError: (text, write) => write(`${describeUsageError(text)}\n`),
    })
    .exitOverride();
  // Before the command too, where pipelines for Trivy write them.
  addSettings(program, everyCommand);
  examples(program, [
    ['db update', 'once, and again when the database is too old'],
    ['image alpine:3.20', 'what is known of an image'],
    ['image --help', 'the flags of a command'],
  ]);

  const run = runOn(host, finish);
  for (const add of commands) add(program, run);
  return program;
}

/** Help or a version that could not be written; no command runs that would tell. */
async function reportLost(error: unknown, host: Host): Promise<number> {
  await host.stderr.write(`${describeError(error)}\n`);
  return exitCode.error;
}
