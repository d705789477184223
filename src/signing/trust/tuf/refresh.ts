import { createHash, randomBytes } from 'node:crypto';
import { copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../../base/error.ts';
import { isNetError } from '../../../net/error.ts';
import type { Network } from '../../../net/network.ts';
import { SigningError } from '../../error.ts';
import { type Generation, isAnchoredIn, readGeneration, writeAnchor, writeGeneration } from './generation.ts';
import { makeDirectory } from '../../../base/make-directory.ts';

/** One TUF repository, and where what is known of it is kept. */
export interface TufRepository {
  readonly mirror: string;
  /** A folder of this repository alone. */
  readonly folder: string;
  /** The root metadata to begin with: the anchor of all trust. */
  readonly root: Buffer;
}

/** What the repository may hold for signing and verifying; what is not there is not missed. */
const tufTargets: readonly string[] = [
  'trusted_root.json',
  'signing_config.v0.2.json',
  'signing_config_rekor_v2.v0.2.json',
];

/** Metadata of a TUF client (TUF specification, section 5), without their ending. */
const metadata = ['root', 'timestamp', 'snapshot', 'targets'];

/** Folders that another process may still read, in milliseconds. */
const graceMs = 3_600_000;

/**
 * Brings what is known of a repository up to date (TUF specification, section 5). All is fetched into a new folder, which
 * counts only once it is whole: processes do not disturb each other, and a kill leaves at most a stray folder.
 *
 * @throws SigningError TRUSTED_ROOT_UNAVAILABLE when the repository does not answer, TRUSTED_ROOT_INVALID when what it says
 * does not hold; NetError for what the user decided; the signal's reason
 */
export async function refreshTufRepository(
  { mirror, folder, root }: TufRepository,
  network: Network,
  now: Date,
  signal?: AbortSignal,
): Promise<Generation> {
  const before = await readGeneration(folder);
  const name = `${now.getTime()}-${randomBytes(6).toString('hex')}`;
  const next = join(folder, name);
  await makeDirectory(join(next, 'targets'));
  try {
    await seed(next, folder, before, root);
    const targets = await update(next, mirror, network, signal);
    const expires = await readExpiry(join(next, 'timestamp.json'));
    const generation = { folder: name, refreshedAt: now, expires, targets };
    await writeGeneration(folder, generation);
    await removeOld(folder, name, now);
    return generation;
  } catch (error) {
    await rm(next, { recursive: true, force: true });
    throw explain(error, mirror, signal);
  }
}

async function update(
  next: string,
  mirror: string,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const [{ Updater }, { tufFetcher }] = await Promise.all([import('tuf-js'), import('./fetcher.ts')]);
  const base = mirror.replace(/\/+$/, '');
  const updater = new Updater({
    metadataDir: next,
    metadataBaseUrl: base,
    targetDir: join(next, 'targets'),
    targetBaseUrl: `${base}/targets`,
    fetcher: tufFetcher(network, next, signal),
  });
  await updater.refresh();
  const found = new Map<string, string>();
  for (const name of tufTargets) {
    const target = await updater.getTargetInfo(name);
    if (target === undefined) continue;
    const path = (await updater.findCachedTarget(target)) ?? (await updater.downloadTarget(target));
    found.set(
      name,
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  }
  return found;
}

/** Begins with what was trusted last, so that nobody can lead back to something older (TUF specification, 5.3.2). */
async function seed(next: string, folder: string, before: Generation | undefined, root: Buffer): Promise<void> {
  await writeAnchor(next, root);
  if (before === undefined || !(await isAnchoredIn(root, folder, before)))
    return writeFile(join(next, 'root.json'), root);
  const known = join(folder, before.folder);
  for (const name of metadata) {
    await copyFile(join(known, `${name}.json`), join(next, `${name}.json`)).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  for (const target of before.targets.keys()) {
    const file = join('targets', encodeURIComponent(target));
    await copyFile(join(known, file), join(next, file)).catch(() => undefined);
  }
}

async function readExpiry(path: string): Promise<Date> {
  const document = JSON.parse(await readFile(path, 'utf8')) as { readonly signed: { readonly expires: string } };
  return new Date(document.signed.expires);
}

async function removeOld(folder: string, current: string, now: Date): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name === current || !/^\d+-[a-f0-9]+$/.test(name)) continue;
    const path = join(folder, name);
    const status = await stat(path).catch(() => undefined);
    if (status !== undefined && now.getTime() - status.mtimeMs > graceMs)
      await rm(path, { recursive: true, force: true });
  }
}

function explain(error: unknown, mirror: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (isNetError(error, 'OFFLINE', 'INSECURE', 'URL_INVALID')) return error;
  const why = errorMessage(error);
  const options = { cause: error };
  if (isNetError(error) || statusOf(error) !== undefined) {
    const advice = 'try again later, or verify with --offline or --trusted-root FILE';
    const message = `The TUF repository ${mirror} cannot be reached: ${why}; ${advice}`;
    return new SigningError('TRUSTED_ROOT_UNAVAILABLE', message, options);
  }
  const message = `The TUF repository ${mirror} cannot be trusted: ${why}; check --tuf-mirror and --tuf-root`;
  return new SigningError('TRUSTED_ROOT_INVALID', message, options);
}

function statusOf(error: unknown): unknown {
  return (error as { readonly statusCode?: unknown } | null)?.statusCode;
}
