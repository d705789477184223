import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseError } from './error.ts';

/** A package that users install with this one, or whose code is in it. */
export interface LockedPackage {
  /** Its folder below the checkout: `node_modules/a/node_modules/b`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

interface LockEntry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly peer?: boolean;
}

/**
 * What the lock file says is released: neither tools of development, nor the Nodes that a checkout brings itself.
 *
 * @throws ReleaseError when what is installed is not what is locked
 */
export function lockedPackages(root: string): readonly LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  return Object.entries(lock.packages).flatMap(([folder, { version, dev, devOptional, optional, peer }]) => {
    if (folder === '' || version === undefined) return [];
    if ([dev, devOptional, optional, peer].includes(true)) return [];
    const installed = readManifest(root, folder);
    if (installed.version !== version) {
      const there = installed.version ?? 'nothing';
      throw new ReleaseError('lock', `${folder} is locked as ${version}, and ${there} is installed; run npm ci`);
    }
    return [{ folder, name: installed.name ?? '', version }];
  });
}

function readManifest(root: string, folder: string): { readonly name?: string; readonly version?: string } {
  try {
    return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
  } catch {
    return {};
  }
}
