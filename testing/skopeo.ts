import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { findPrograms } from './registry/find-program.ts';

const run = promisify(execFile);

/** A skopeo that signs in sigstore's way: that of Debian 12 is built without. */
export interface Skopeo {
  /** Runs it in a folder, which becomes its home; rejects with its words when it fails. */
  run(folder: string, ...args: readonly string[]): Promise<string>;
}

/** Options for a test that needs skopeo: skips with the reason when it is absent or too old. */
export function needsSkopeo(): { readonly skip: string | false } {
  return { skip: findSkopeo() === undefined ? 'no skopeo that makes sigstore keys on PATH or in .tools' : false };
}

/** Finds it: by itself, or beside libraries of its own, with which a program called `run` starts it. */
export function findSkopeo(): Skopeo | undefined {
  const commands = [
    ...findPrograms('skopeo').map((path) => [path]),
    ...findPrograms('run').map((path) => [path, 'skopeo']),
  ];
  const found = commands.find(([program = '', ...before]) => {
    const { stdout } = spawnSync(program, [...before, '--help'], { encoding: 'utf8' });
    return (stdout ?? '').includes('generate-sigstore-key');
  });
  if (found === undefined) return undefined;
  const [program = '', ...before] = found;
  return {
    run: async (folder, ...args) => {
      const env = { PATH: '/usr/bin:/bin', HOME: folder, XDG_RUNTIME_DIR: folder };
      const { stdout, stderr } = await run(program, [...before, ...args], { cwd: folder, env, timeout: 60_000 });
      return `${stdout}${stderr}`;
    },
  };
}
