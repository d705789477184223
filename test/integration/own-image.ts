import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { needsDebian, packInstalled } from '../../testing/debian-packages.ts';
import type { Workplace } from '../end-to-end/sample.ts';

const root = join(import.meta.dirname, '..', '..');

/** The packages that Node needs, with what tells which system it is and whom it trusts. */
export const ownPackages: readonly string[] = ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6'];

/** How the program starts in its image. */
export const ownProgram: readonly string[] = ['/usr/local/bin/node', '/usr/local/lib/seaworthy/bin/seaworthy.js'];

/** Options for a test that builds the program's own image: skips with the reason where that cannot be done. */
export function needsOwnImage(): { readonly skip: string | false } {
  if (!existsSync(join(root, 'dist/cli/main.js'))) return { skip: 'nothing is built yet: "npm run build" does it' };
  return needsDebian();
}

/** Builds it as `npm run image` does, of packages that are installed here. @returns what that printed */
export async function buildOwnImage(place: Workplace, ...args: readonly string[]): Promise<string> {
  const folder = join(place.path, 'packages');
  if (!existsSync(folder)) {
    mkdirSync(folder);
    for (const name of ownPackages) packInstalled(name, folder);
  }
  const packages = ownPackages.flatMap((name) => ['--deb', join(folder, `${name}.deb`)]);
  const script = join(root, 'tools', 'container-image.ts');
  const env = { ...process.env, ...place.env, COSIGN_PASSWORD: 'hold-fast' };
  const options = { cwd: place.path, env, timeout: 240_000, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...packages, ...args], options);
  return stdout.trim();
}
