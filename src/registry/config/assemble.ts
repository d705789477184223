import { join } from 'node:path';
import type { RegistryConfig } from './model.ts';
import type { GivenConfig } from './schema.ts';
import type { DatabaseConfig, StorageConfig } from './storage/model.ts';
import type { GivenDatabase, GivenStorage } from './storage/schema.ts';

/**
 * What was given, with the places filled in that hang on the data folder. What was left out because of mistakes stays out,
 * though the type says otherwise: whoever looks at it then must not look there.
 */
export function assembleConfig(given: Partial<GivenConfig>, dataFolder: string): RegistryConfig {
  const { storage, database, data = dataFolder, url, ...rest } = given;
  const config: Partial<RegistryConfig> = {
    ...rest,
    ...(url === undefined ? {} : { url: url.replace(/\/+$/, '') }),
    data,
    ...(storage === undefined ? {} : { storage: placeStorage(storage, data) }),
    ...(database === undefined ? {} : { database: placeDatabase(database, data) }),
  };
  return config as RegistryConfig;
}

function placeStorage(given: GivenStorage, data: string): StorageConfig {
  if (given.kind === 's3') return given;
  return { kind: given.kind, folder: given.folder ?? join(data, 'blobs') };
}

function placeDatabase(given: GivenDatabase, data: string): DatabaseConfig {
  if (given.kind === 'postgres') return given;
  return { kind: given.kind, file: given.file ?? join(data, 'registry.db') };
}
