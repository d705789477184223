import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Options for a test that packs what Debian installed here: skips with the reason elsewhere. */
export function needsDebian(): { readonly skip: string | false } {
  const { status } = spawnSync('dpkg-query', ['--status', 'libstdc++6', 'libc6', 'libgcc-s1', 'base-files']);
  return { skip: status === 0 ? false : 'this machine has none of the packages of Debian that Node needs' };
}

/** Packs an installed package again as the file that it came from, as far as its files are still there. Gives the file's path. */
export function packInstalled(name: string, folder: string): string {
  const stage = join(folder, name);
  mkdirSync(join(stage, 'DEBIAN'), { recursive: true });
  const status = execFileSync('dpkg-query', ['--status', name]).toString();
  const control = status.replaceAll(/^(?:Status|Conffiles):.*\n(?: .*\n)*/gm, '');
  writeFileSync(join(stage, 'DEBIAN', 'control'), control);
  const files = execFileSync('dpkg-query', ['--listfiles', name]).toString().split('\n').filter(isPlain);
  const list = files.map((path) => path.slice(1)).join('\n');
  const tar = execFileSync('tar', ['-C', '/', '-cf', '-', '-T', '-'], { input: list, maxBuffer: 1 << 28 });
  execFileSync('tar', ['-C', stage, '-xf', '-'], { input: tar });
  const deb = join(folder, `${name}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', stage, deb], { stdio: 'pipe' });
  return deb;
}

/** Files, and links to files: folders come with what is in them. */
function isPlain(path: string): boolean {
  const own = lstatSync(path, { throwIfNoEntry: false });
  if (own === undefined || own.isDirectory()) return false;
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true;
}
