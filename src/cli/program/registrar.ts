import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import { loadSettings } from '../config/load-settings.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { unknownVariables } from '../config/unknown-variables.ts';
import { describeCauses, describeError } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** Does the work of a command; gives the exit status. */
export type Work = (resolved: ResolvedSettings, host: Host) => Promise<number>;

/**
 * Runs the work of a command that was asked for: settings first, then the work; failures become a line and a status.
 *
 * @param nodeFlag a flag of Node that the work goes better with; the program starts anew with it before anything else is done
 */
export type Run = (command: Command, work: Work, nodeFlag?: string) => Promise<void>;

/** Makes the {@link Run} of a process. */
export function runOn(host: Host, finish: (status: number) => void): Run {
  return async (command, work, nodeFlag) => {
    if (nodeFlag !== undefined && host.restartWith !== undefined) {
      // A signal that has come is heard in the next turn, and what started anew would never hear of it.
      await nextTurn();
      if (host.signal.aborted) return finish(await reportFailure(host.signal.reason, false, host));
      host.restartWith(nodeFlag);
    }
    finish(await runWork(command, work, host));
  };
}

/**
 * Adds examples to a command's help, each with a word on what it does above it: beside it, the lines would be wider than a
 * terminal.
 */
export function examples(command: Command, lines: readonly (readonly [line: string, what: string])[]): void {
  const text = lines.map(([line, what]) => `  # ${what}\n  $ ${['seaworthy', line].join(' ')}`).join('\n');
  command.addHelpText('after', `\nExamples:\n${text}`);
}

async function runWork(command: Command, work: Work, host: Host): Promise<number> {
  // Until the settings are read, and when they cannot be, the flag alone tells.
  let debug = command.optsWithGlobals()['debug'] === true;
  try {
    const resolved = await loadSettings(command, host);
    ({ debug } = resolved.settings);
    for (const sentence of unknownVariables(host.env)) await host.stderr.write(`${sentence}\n`);
    return await work(resolved, host);
  } catch (error) {
    return reportFailure(error, debug, host);
  }
}

/** Says on stderr why a command failed; gives the exit status. */
export async function reportFailure(error: unknown, debug: boolean, host: Host): Promise<number> {
  const status = host.interruptStatus();
  // What breaks because everything was told to stop is no failure of its own.
  await host.stderr.write(`${describeError(status === undefined ? error : host.signal.reason)}\n`);
  if (debug) await host.stderr.write(`${describeCauses(error).join('\n')}\n`);
  return status ?? exitCode.error;
}
