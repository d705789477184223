import { CommanderError } from 'commander';
import { buildProgram } from '../../src/cli/program/build-program.ts';
import { addEgressCommands } from '../../src/cli/program/egress.ts';
import { plainHost } from '../plain-host.ts';

/** How a command ended. */
export interface EgressEnded {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs `seaworthy egress` in a folder, with these variables alone. */
export async function runEgress(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<EgressEnded> {
  const { host, out, err } = plainHost(folder, { env });
  let status: number | undefined;
  const program = buildProgram(host, (ended) => (status = ended), [addEgressCommands]);
  try {
    await program.parseAsync(['egress', ...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    status = 2;
  }
  return { status, out: out(), err: err() };
}
