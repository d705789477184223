import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './registry/find-program.ts';

const root = join(import.meta.dirname, '..');

/** A cosign of one major version, with a home of its own. */
export interface Cosign {
  /** Runs it in the home; what it printed. Rejects with its words when it fails. */
  readonly run: (...args: readonly string[]) => Promise<string>;
  /** Runs it with other variables, and may read its output while it runs. */
  readonly runWith: (options: CosignOptions, ...args: readonly string[]) => Promise<string>;
}

/** How one run differs from others. */
export interface CosignOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Told of what it prints on either stream. */
  readonly onOutput?: (text: string) => void;
}

/** Options for a test that needs cosign of a major version: skips with the reason when it is absent. */
export function needsCosign(major: 2 | 3): { readonly skip: string | false } {
  return { skip: findCosign(major) === undefined ? `no cosign ${major} on PATH or in .tools` : false };
}

/** Opens it over a folder, which becomes its home. */
export function openCosign(major: 2 | 3, home: string): Cosign {
  const program = findCosign(major) as string;
  mkdirSync(home, { recursive: true });
  const runWith: Cosign['runWith'] = ({ env = {}, input = '', onOutput }, ...args) =>
    new Promise((resolve, reject) => {
      const environment = { HOME: home, PATH: process.env['PATH'], ...env };
      const options = { cwd: home, env: environment, timeout: 60_000 };
      const child = execFile(program, [...args], options, (error, out, err) => {
        if (error === null) resolve(`${out}${err}`);
        else reject(new Error(`cosign ${args[0]}: ${out}${err}`, { cause: error }));
      });
      child.stdin?.end(input);
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => onOutput?.(String(chunk)));
    });
  return { run: (...args) => runWith({}, ...args), runWith };
}

/** Builds of Debian do not tell their version, but only the second still lists a command that is to go. */
function findCosign(major: 2 | 3): string | undefined {
  return candidates().find((path) => {
    const { stdout } = spawnSync(path, ['--help'], { encoding: 'utf8' });
    return stdout !== null && stdout !== '' && /^\s*attach\s/m.test(stdout) === (major === 2);
  });
}

function candidates(): string[] {
  const first = findProgram('cosign');
  let suites: string[] = [];
  try {
    suites = readdirSync(join(root, '.tools'));
  } catch {
    // There is no such folder, and PATH is all there is.
  }
  const others = suites.map((suite) => join(root, '.tools', suite, 'usr', 'bin', 'cosign')).filter(existsSync);
  return [...new Set([...(first === undefined ? [] : [first]), ...others])];
}
