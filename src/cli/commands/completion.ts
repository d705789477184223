import type { Command } from 'commander';
import { renderCompletion, type Shell } from '../completion/shells.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { outlineOf } from '../outline/outline.ts';

/** `completion`: prints what makes a shell complete commands, flags and values. */
export async function completionCommand(shell: Shell, program: Command, host: Host): Promise<number> {
  await host.stdout.write(renderCompletion(shell, outlineOf(program)));
  return exitCode.ok;
}
