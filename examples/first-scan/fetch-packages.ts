import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/base/atomic-file.ts';
import { FirstScanError } from './error.ts';
import { integrityOf } from './integrity.ts';
import type { PinnedRelease } from './pinned-packages.ts';

/** Puts the tarballs of releases, named as `npm pack` names them, into a folder. */
export type PackTarballs = (specs: readonly string[], folder: string) => Promise<void>;

/**
 * Gets the tarballs, in the order of `pins`: from `folder` where an earlier run left them, else through `pack`.
 *
 * @throws FirstScanError PACKAGE_CHANGED when a tarball is not the one that was pinned, NPM_FAILED when there is none,
 * and what `pack` throws
 */
export async function fetchPackages(
  pins: readonly PinnedRelease[],
  folder: string,
  pack: PackTarballs,
): Promise<readonly Buffer[]> {
  const kept = await Promise.all(pins.map((pin) => readKept(pin, folder)));
  const missing = pins.filter((_, at) => kept[at] === undefined);
  if (missing.length === 0) return kept as Buffer[];
  const fetched = await packAll(missing, folder, pack);
  return pins.map((pin, at) => kept[at] ?? (fetched.get(pin) as Buffer));
}

async function packAll(
  pins: readonly PinnedRelease[],
  folder: string,
  pack: PackTarballs,
): Promise<Map<PinnedRelease, Buffer>> {
  const fetched = new Map<PinnedRelease, Buffer>();
  const arrivals = await mkdtemp(join(tmpdir(), 'seaworthy-npm-'));
  try {
    await pack(
      pins.map(({ name, version }) => `${name}@${version}`),
      arrivals,
    );
    for (const pin of pins) {
      const bytes = await readArrival(pin, arrivals);
      checkIntegrity(pin, bytes);
      await writeFileAtomic(join(folder, tarballName(pin)), bytes);
      fetched.set(pin, bytes);
    }
  } finally {
    await rm(arrivals, { recursive: true, force: true });
  }
  return fetched;
}

async function readArrival(pin: PinnedRelease, folder: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, tarballName(pin)));
  } catch (cause) {
    const message = `npm left no tarball of ${pin.name}@${pin.version}; update npm, then run "npm start" again`;
    throw new FirstScanError('NPM_FAILED', message, { cause });
  }
}

/** What an earlier run left, if it is whole: a damaged file is fetched again. */
async function readKept(pin: PinnedRelease, folder: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(join(folder, tarballName(pin)));
    return integrityOf(bytes) === pin.integrity ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function checkIntegrity({ name, version, integrity }: PinnedRelease, bytes: Uint8Array): void {
  if (integrityOf(bytes) === integrity) return;
  throw new FirstScanError(
    'PACKAGE_CHANGED',
    `The registry sent another ${name}@${version} than the one this example was written for; check which registry npm uses`,
  );
}

function tarballName({ name, version }: PinnedRelease): string {
  return `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;
}
