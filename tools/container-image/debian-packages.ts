import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What programs do not need to run. */
const unneeded: readonly string[] = [
  ['usr', ['bin', 'sbin', 'games', 'include', 'src']],
  ['usr/share', ['base-files', 'bug', 'dict', 'gcc', 'gdb', 'info', 'lintian', 'locale', 'man', 'misc']],
  ['etc', ['ca-certificates', 'default', 'dpkg', 'init.d', 'ld.so.conf.d', 'profile.d', 'skel', 'update-motd.d']],
  [
    '',
    ['bin', 'boot', 'dev', 'home', 'media', 'mnt', 'opt', 'proc', 'root', 'run', 'sbin', 'srv', 'sys', 'tmp', 'var'],
  ],
].flatMap(([folder, names]) => (names as readonly string[]).map((name) => join(folder as string, name)));

/**
 * Unpacks packages of one architecture, and those for all of them, into a folder, as Debian's distroless images have them: without
 * what only people need, and with what tells scanners which packages these are (`var/lib/dpkg/status.d`). Licences stay.
 */
export function unpackPackages(files: readonly string[], architecture: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const own = files.filter((file) => ['all', architecture].includes(fieldOf(file, 'Architecture')));
  for (const file of own) execFileSync('dpkg-deb', ['--extract', file, folder]);
  for (const path of unneeded) rmSync(join(folder, path), { recursive: true, force: true });
  removeBelow(folder, /\/(?:gconv|ldscripts|perl5|audit)$/);
  keepLicences(join(folder, 'usr/share/doc'));
  for (const file of own) describe(file, join(folder, 'var/lib/dpkg/status.d'));
}

/** The architectures for which there are packages and a Node. @throws Error where there are none */
export function architecturesOf(files: readonly string[], nodes: ReadonlyMap<string, string>): readonly string[] {
  const there = new Set(files.map((file) => fieldOf(file, 'Architecture')));
  const both = [...nodes.keys()].filter((architecture) => there.has(architecture));
  if (both.length > 0) return both;
  throw new Error(
    `There are packages for ${[...there].join(', ')} and Node for ${[...nodes.keys()].join(', ')}; add others`,
  );
}

function describe(file: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const name = fieldOf(file, 'Package');
  writeFileSync(join(folder, name), `${execFileSync('dpkg-deb', ['--field', file]).toString().trimEnd()}\n`);
  const control = mkdtempSync(join(tmpdir(), 'seaworthy-deb-'));
  try {
    execFileSync('dpkg-deb', ['--control', file, control]);
    if (existsSync(join(control, 'md5sums'))) cpSync(join(control, 'md5sums'), join(folder, `${name}.md5sums`));
  } finally {
    rmSync(control, { recursive: true });
  }
}

function fieldOf(file: string, field: string): string {
  return execFileSync('dpkg-deb', ['--field', file, field]).toString().trim();
}

function removeBelow(folder: string, what: RegExp): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() && what.test(path)) rmSync(path, { recursive: true, force: true });
  }
}

function keepLicences(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name !== 'copyright') rmSync(join(entry.parentPath, entry.name), { force: true });
  }
}

/** All certificates of `ca-certificates`, as its own script joins them when it is installed. */
export function joinedCertificates(folder: string): string {
  const certificates = join(folder, 'usr/share/ca-certificates');
  if (!existsSync(certificates)) return '';
  return readdirSync(certificates, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.crt'))
    .sort()
    .map((name) => `${readFileSync(join(certificates, name), 'utf8').trimEnd()}\n`)
    .join('');
}
