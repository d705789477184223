import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../base/logger.ts';
import type { Network } from '../../net/network.ts';
import type { BlobStore } from '../../store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../store/blob/filesystem/open.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { DatabaseConfig, StorageConfig } from '../config/storage/model.ts';
import { readSecret } from '../config/value/secret.ts';

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

async function openDatabase(config: DatabaseConfig, { env, logger }: StoreSurroundings): Promise<SqlDatabase> {
  if (config.kind === 'sqlite') {
    const { openSqliteDatabase } = await import('../../store/sql/sqlite/open.ts');
    await mkdir(dirname(config.file), { recursive: true, mode: 0o700 });
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

async function openBlobs(config: StorageConfig, { env, network }: StoreSurroundings): Promise<BlobStore> {
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
