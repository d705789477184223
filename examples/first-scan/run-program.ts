import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { FirstScanError } from './error.ts';

/** The checkout's folder. */
export const root: string = join(import.meta.dirname, '..', '..');

const launcher = join(root, 'bin', 'seaworthy.js');

/**
 * Runs the program as a user would, on this process's own input and output.
 *
 * @param env the user's settings for the program are left out: the example shows the defaults
 * @throws FirstScanError PROGRAM_FAILED when it ends with a status other than 0
 */
export async function runProgram(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const plain = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SEAWORTHY_')));
  const child = spawn(process.execPath, [launcher, ...args], { cwd: root, env: plain, stdio: 'inherit' });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status === 0) return;
  throw new FirstScanError(
    'PROGRAM_FAILED',
    `"seaworthy ${args[0]}" ended with ${status === null ? 'a signal' : `status ${status}`}; what it says above tells why`,
  );
}

/** A call of the program as it is typed in the checkout's folder. */
export function commandLine(args: readonly string[], platform: NodeJS.Platform = process.platform): string {
  const program = platform === 'win32' ? ['node', 'bin\\seaworthy.js'] : ['./bin/seaworthy.js'];
  return [...program, ...args.map((arg) => quote(arg, platform))].join(' ');
}

function quote(arg: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./\\-]+$/.test(arg) && (platform === 'win32' || !arg.includes('\\'))) return arg;
  return platform === 'win32' ? `"${arg}"` : `'${arg.replaceAll("'", `'\\''`)}'`;
}
