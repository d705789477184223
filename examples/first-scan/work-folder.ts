import { mkdir, mkdtemp } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** Where a user's files go. */
interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** For temporary files. */
  readonly temporary: string;
}

/**
 * The folder that keeps what the first scan makes, so that the next run is quick and needs no network: below the
 * user's cache (XDG base directory specification; `LOCALAPPDATA` on Windows), else, where that cannot be written, a new
 * temporary one.
 */
export async function openWorkFolder({ env, home, temporary }: Surroundings): Promise<string> {
  const bases = [env['XDG_CACHE_HOME'], env['LOCALAPPDATA']];
  const base = bases.find((path) => path !== undefined && isAbsolute(path)) ?? join(home, '.cache');
  const folder = join(base, 'seaworthy-first-scan');
  try {
    await mkdir(folder, { recursive: true });
    return folder;
  } catch {
    return await mkdtemp(join(temporary, 'seaworthy-first-scan-'));
  }
}
