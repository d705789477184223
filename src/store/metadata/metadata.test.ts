import { join } from 'node:path';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { type DatabasePlace, testMetadata } from '../../../testing/store/metadata-contract.ts';
import { openSqliteDatabase } from '../sql/sqlite/open.ts';

function makePlace(): Promise<DatabasePlace> {
  const folder = temporaryDirectory();
  return Promise.resolve({
    open: () => openSqliteDatabase({ path: join(folder.path, 'registry.db') }),
    [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
      return Promise.resolve();
    },
  });
}

testMetadata('sqlite', makePlace);
