import { join } from 'node:path';
import { CommanderError } from 'commander';
import { buildProgram } from '../../src/cli/program/build-program.ts';
import { addRegistryCommands } from '../../src/cli/program/registry.ts';
import type { TemporaryDirectory } from '../image/temporary-directory.ts';
import { testHost } from '../test-host.ts';

/** How a command ended, and what it said. */
export interface CommandEnd {
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the group `registry` in this process, in a folder. */
export async function runRegistryCommand(
  folder: TemporaryDirectory,
  args: readonly string[],
  input = '',
): Promise<CommandEnd> {
  const said: { readonly stdout: string[]; readonly stderr: string[] } = { stdout: [], stderr: [] };
  const output = (to: string[]) => ({
    isTerminal: false,
    columns: undefined,
    write: (text: string) => Promise.resolve(void to.push(text)),
  });
  const host = testHost({
    cwd: folder.path,
    home: join(folder.path, 'home'),
    stdout: output(said.stdout),
    stderr: output(said.stderr),
    readStdin: () => Promise.resolve(Buffer.from(input)),
  });
  let status: number | undefined;
  const program = buildProgram(host, (ended) => (status = ended), [addRegistryCommands]);
  try {
    await program.parseAsync(['registry', ...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    status = 2;
  }
  return { status, stdout: said.stdout.join(''), stderr: said.stderr.join('') };
}
