import { join } from 'node:path';
import type { Settings } from './config/settings.ts';

/** Where the vulnerability database lies. */
export function databaseFolder({ cacheDir }: Settings): string {
  return join(cacheDir, 'vulndb');
}
