import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { findPrograms } from './find-program.ts';

const run = promisify(execFile);

/** A cosign of one major version. Both are in use, and they write and read different formats by default. */
export interface Cosign {
  readonly major: 2 | 3;
  /** Runs it in a folder of the test, where it finds no settings of the user; rejects when it fails. */
  run(folder: string, ...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

/**
 * Finds a cosign of a major version; undefined where there is none.
 *
 * @param settings variables that it is run with
 */
export function findCosign(major: 2 | 3, settings: Readonly<Record<string, string>> = {}): Cosign | undefined {
  const program = findPrograms('cosign').find((path) => majorOf(path) === major);
  if (program === undefined) return undefined;
  return {
    major,
    run: async (folder, ...args) => {
      const env = { PATH: '/usr/bin:/bin', HOME: folder, COSIGN_PASSWORD: '', DOCKER_CONFIG: folder, ...settings };
      return await run(program, [...args], { cwd: folder, env, timeout: 120_000 });
    },
  };
}

/** Debian's builds do not tell their version, but only the third knows signing configs. */
function majorOf(program: string): 2 | 3 | undefined {
  try {
    const help = execFileSync(program, ['sign', '--help'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return help.includes('--signing-config') ? 3 : 2;
  } catch {
    return undefined;
  }
}
