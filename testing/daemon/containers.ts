import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, needsProgram } from '../registry/find-program.ts';

/** What a container ended with. */
export interface ContainerEnd {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A store of images, and containers of them. */
export interface Containers extends AsyncDisposable {
  load(archive: string): Promise<void>;
  /**
   * Runs a container until it ends: no network but a loopback of its own, a root that cannot be written to, no capabilities, and no new
   * ones.
   *
   * @param flags more of `podman run`, such as volumes
   */
  run(flags: readonly string[], image: string, ...args: readonly string[]): Promise<ContainerEnd>;
  /** The same in the background. @returns its id */
  start(flags: readonly string[], image: string, ...args: readonly string[]): Promise<string>;
  /** Any other command of podman. */
  readonly podman: (...args: readonly string[]) => Promise<ContainerEnd>;
}

/** Options for a test that runs containers; whether the machine lets them run is told by {@link openContainers}. */
export function needsContainers(): { readonly skip: string | false } {
  if (process.getuid?.() !== 0) return { skip: 'only root runs containers without a set-up of user ids' };
  const { skip } = needsProgram('podman', 'busybox');
  if (skip !== false) return { skip };
  return { skip: runtimes.some((name) => findProgram(name) !== undefined) ? false : 'no runc or crun on PATH' };
}

const runtimes = ['runc', 'crun'] as const;

// Podman's own limits are higher than what a container's user may be allowed.
const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
const confined = ['--network', 'none', '--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];

/**
 * Opens a store, with the first runtime that runs an image of busybox here.
 *
 * @param build makes the archive `probe.tar` of an image `localhost/probe:1` with one program, `/busybox`
 * @throws Error with what each runtime said, where none runs it
 */
export async function openContainers(build: (busybox: string, folder: string) => Promise<void>): Promise<Containers> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-containers-'));
  const said: string[] = [];
  for (const runtime of runtimes.flatMap((name) => findProgram(name) ?? [])) {
    const containers = containersOf(folder, runtime);
    if (said.length === 0) {
      await build(realpathSync(findProgram('busybox') as string), folder);
      await containers.load(join(folder, 'probe.tar'));
    }
    const { status, stderr } = await containers.run([], 'localhost/probe:1', '/busybox', 'true');
    if (status === 0) return containers;
    said.push(`${runtime}: ${stderr.trim()}`);
  }
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`no container runs here: ${said.join('; ')}`);
}

function containersOf(folder: string, runtime: string): Containers {
  const store = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver=vfs'];
  const options = [...store, '--cgroup-manager=cgroupfs', '--runtime', runtime];
  const podman = (...args: readonly string[]): Promise<ContainerEnd> =>
    new Promise((resolve) => {
      const limited = { timeout: 120_000, maxBuffer: 1 << 26 };
      execFile(findProgram('podman') as string, [...options, ...args], limited, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        resolve({ status: typeof status === 'number' ? status : -1, stdout, stderr });
      });
    });
  const must = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await podman(...args);
    if (status !== 0) throw new Error(`podman ${args[0]} ended with ${status}: ${stderr}`);
    return stdout.trim();
  };
  return {
    podman,
    load: async (archive) => void (await must('load', '--quiet', '-i', archive)),
    run: (flags, image, ...args) => podman('run', '--rm', ...confined, ...limits, ...flags, image, ...args),
    start: (flags, image, ...args) => must('run', '--detach', ...confined, ...limits, ...flags, image, ...args),
    async [Symbol.asyncDispose]() {
      await must('rm', '--all', '--force', '--time', '5');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
