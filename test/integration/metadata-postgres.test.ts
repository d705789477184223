import { after, before } from 'node:test';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { testMetadata } from '../../testing/store/metadata-contract.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../testing/store/postgres-server.ts';

const skip = postgresMissing();

let server: PostgresServer;

before(async () => {
  if (skip === false) server = await startPostgres();
});

after(async () => {
  if (skip === false) await server[Symbol.asyncDispose]();
});

testMetadata(
  'postgres',
  async () => {
    const url = await server.createDatabase();
    return {
      open: () => openPostgresDatabase({ url, poolSize: 4 }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
  { skip },
);
