import { access, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Network } from '../../net/network.ts';
import type { BlobStore } from '../../store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../store/blob/filesystem/open.ts';
import { markerName } from '../../store/blob/marker.ts';
import { StoreError } from '../../store/error.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { isMigrated } from '../../store/sql/migrate.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { DatabaseConfig, StorageConfig } from '../config/storage/model.ts';
import { readSecret } from '../config/value/secret.ts';
import { makeDirectory } from '../../base/make-directory.ts';

/** What a registry keeps its content in. */
export interface Stores extends AsyncDisposable {
  readonly database: SqlDatabase;
  readonly blobs: BlobStore;
}

/** What stores are opened with besides the configuration. */
export interface StoreSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  readonly logger: Logger;
}

/**
 * Opens what a configuration names. Drivers that are not used are not loaded.
 *
 * @throws StoreError, RegistryConfigError SECRET_UNREADABLE
 */
export async function openStores(config: RegistryConfig, surroundings: StoreSurroundings): Promise<Stores> {
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openDatabase(config.database, surroundings));
  const blobs = opened.use(await openBlobs(config.storage, surroundings));
  const kept = opened.move();
  return { database, blobs, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/**
 * Opens the stores of a registry that is there already. A folder whose disk is not mounted, or a wrong name, must not be taken for
 * a registry without images.
 *
 * @throws StoreError STORE_ABSENT, and as {@link openStores} does
 */
export async function openExistingStores(config: RegistryConfig, surroundings: StoreSurroundings): Promise<Stores> {
  const { database: records, storage } = config;
  if (records.kind === 'sqlite' && !(await isThere(records.file))) throw absent(`${records.file} is not there`);
  if (storage.kind === 'filesystem' && !(await isThere(join(storage.folder, markerName)))) {
    throw absent(`${storage.folder} is no folder of blobs`);
  }
  const stores = await openStores(config, surroundings);
  if (await isMigrated(stores.database)) return stores;
  await stores[Symbol.asyncDispose]();
  throw absent('its database is empty');
}

function absent(why: string): StoreError {
  const advice = 'name its folder with --data or its settings with --config, and see that its disk is mounted';
  return new StoreError('STORE_ABSENT', `There is no registry: ${why}; ${advice}`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new StoreError('STORE_UNAVAILABLE', `${path} cannot be looked at (${code}); check its permissions`, {
      cause: error,
    });
  }
}

async function openDatabase(config: DatabaseConfig, { env, logger }: StoreSurroundings): Promise<SqlDatabase> {
  if (config.kind === 'sqlite') {
    const { openSqliteDatabase } = await import('../../store/sql/sqlite/open.ts');
    await makeFolder(dirname(config.file));
    return openSqliteDatabase({ path: config.file, logger });
  }
  const { openPostgresDatabase } = await import('../../store/sql/postgres/open.ts');
  const ca = config.caFile === undefined ? undefined : await readFile(config.caFile, 'utf8');
  return openPostgresDatabase({
    url: await readSecret(config.url, env),
    poolSize: config.pool,
    logger,
    ...(config.tls === 'off' ? {} : { tls: ca === undefined ? {} : { ca } }),
  });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeDirectory(folder, { mode: 0o700 });
  } catch (cause) {
    const sentence = `The folder ${JSON.stringify(folder)} cannot be made; look at its disk and permissions`;
    throw new StoreError('STORE_UNAVAILABLE', `${sentence}: ${errorMessage(cause)}`, { cause });
  }
}

/** Opens where a configuration keeps bytes. @throws StoreError, RegistryConfigError SECRET_UNREADABLE */
export async function openBlobs(config: StorageConfig, { env, network }: StoreSurroundings): Promise<BlobStore> {
  if (config.kind === 'filesystem') return openFilesystemBlobStore({ folder: config.folder });
  const { openS3BlobStore } = await import('../../store/blob/s3/open.ts');
  const { accessKey, secretKey, sessionToken } = config.credentials;
  // Read before each request, so that keys that end may be replaced in their files.
  const credentials = async () => ({
    accessKeyId: await readSecret(accessKey, env),
    secretAccessKey: await readSecret(secretKey, env),
    ...(sessionToken === undefined ? {} : { sessionToken: await readSecret(sessionToken, env) }),
  });
  return openS3BlobStore({
    network,
    endpoint: config.endpoint ?? `https://s3.${config.region}.amazonaws.com`,
    region: config.region,
    bucket: config.bucket,
    prefix: config.prefix === '' ? '' : `${config.prefix}/`,
    addressing: config.pathStyle ? 'path' : 'virtual-host',
    credentials,
  });
}
