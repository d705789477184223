import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../src/cli/host.ts';
import { everyCommandOf } from '../../src/cli/outline/every-command.ts';
import { type CommandOutline, outlineOf } from '../../src/cli/outline/outline.ts';
import { allCommands } from '../../src/cli/program/all-commands.ts';
import { buildProgram } from '../../src/cli/program/build-program.ts';
import { pageName, renderPage } from './page.ts';

/** The program as users see it. Nothing of it runs, so of the process it needs the version alone. */
export function programOutline(version: string): CommandOutline {
  return outlineOf(buildProgram({ version } as Host, () => undefined, allCommands));
}

/**
 * The pages of the manual, by the names of their files. Each command has one, as each of git's has: all in one would be a hundred screens, and
 * `man seaworthy registry` and `apropos` find them.
 */
export function manualPages(root: string): ReadonlyMap<string, string> {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const context = { version, exitCodes: read('docs/exit-codes.md'), configuration: read('docs/configuration.md') };
  const commands = everyCommandOf(programOutline(version));
  return new Map(commands.map((command) => [`${pageName(command.path)}.1`, renderPage(command, context)]));
}
