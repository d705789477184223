import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, needsProgram } from '../registry/find-program.ts';

const run = promisify(execFile);

/** The file system of an image, as podman unpacked it. */
export interface UnpackedImage extends AsyncDisposable {
  readonly path: string;
  /** Runs one of its programs with it as the root. Rejects when that ends with an error. */
  run(user: string, ...command: readonly string[]): Promise<string>;
}

/** Options for a test that unpacks and runs an image: skips with the reason where that cannot be done. */
export function needsUnpacking(): { readonly skip: string | false } {
  if (process.getuid?.() !== 0) return { skip: 'only root may change the root of a program' };
  return needsProgram('podman', 'chroot');
}

/** Lets podman load an archive, and mounts what it made of it. Containers may not run on this machine, and need not. */
export async function unpackImage(archive: string, name: string): Promise<UnpackedImage> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-unpacked-'));
  const options = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--storage-driver=vfs'];
  const podman = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run(findProgram('podman') as string, [...options, ...args], { timeout: 120_000 });
    return stdout.trim();
  };
  await podman('load', '-i', archive);
  const container = await podman('create', name);
  const path = await podman('mount', container);
  return {
    path,
    async run(user, ...command) {
      const args = [`--userspec=${user}`, path, ...command];
      const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/home/nonroot' };
      const { stdout } = await run(findProgram('chroot') as string, args, { env, timeout: 60_000 });
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await podman('umount', container);
      await podman('rm', container);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
