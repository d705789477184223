import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ReleaseError } from './error.ts';

/** Runs the program that is about to be released, as it was built, and shows what it says. */
export type RunProgram = (step: string, args: readonly string[], expected?: readonly number[]) => number;

/** Makes it. Whatever ends with another status than those expected ends the release. @throws ReleaseError */
export function builtProgram(root: string): RunProgram {
  const launcher = join(root, 'dist', 'bin', 'seaworthy.js');
  return (step, args, expected = [0]) => {
    const { status } = spawnSync(process.execPath, [launcher, ...args], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status === null || !expected.includes(status)) {
      throw new ReleaseError(
        step,
        `"seaworthy ${args.slice(0, 2).join(' ')}" ended with ${status ?? 'a signal'}; see above`,
      );
    }
    return status;
  };
}
