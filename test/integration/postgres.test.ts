import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { StoreError } from '../../src/store/error.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../testing/store/postgres-server.ts';
import { testSqlDatabase } from '../../testing/store/sql-database-contract.ts';

const skip = postgresMissing();

let server: PostgresServer;

before(async () => {
  if (skip === false) server = await startPostgres();
});

after(async () => {
  if (skip === false) await server[Symbol.asyncDispose]();
});

if (skip === false) {
  testSqlDatabase({
    name: 'postgres',
    async create() {
      const url = await server.createDatabase();
      return {
        open: () => openPostgresDatabase({ url, transactionTime: 200, poolSize: 5 }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  });
}

async function failure(work: Promise<unknown>): Promise<StoreError> {
  const [outcome] = await Promise.allSettled([work]);
  assert.ok(outcome?.status === 'rejected' && outcome.reason instanceof StoreError, inspect(outcome));
  return outcome.reason;
}

test('postgres: errors say what is wrong, and never the password', { skip }, async () => {
  const url = await server.createDatabase();
  const { password } = server;
  const written = encodeURIComponent(password);
  const cases = [
    [url.replace(written, `wrong-${written}`), 'STORE_UNAVAILABLE', /28P01/],
    [url.replace(`:${server.port}/`, ':1/'), 'STORE_UNAVAILABLE', /ECONNREFUSED/],
    [url.replace(/[^/]+$/, 'nowhere'), 'STORE_UNAVAILABLE', /3D000/],
    [url.replace(/[^/]+$/, written), 'STORE_UNAVAILABLE', /3D000/],
    [url.replace(written, password), 'STORE_SETTING_INVALID', /percent-encoded/],
    [url.replace('postgresql:', 'mysql:'), 'STORE_SETTING_INVALID', /postgresql:/],
  ] as const;
  for (const [wrong, code, pattern] of cases) {
    const error = await failure(openPostgresDatabase({ url: wrong }));
    const text = inspect(error, { depth: 9, showHidden: true });
    assert.equal(error.code, code, text);
    assert.match(text, pattern);
    assert.ok(!text.includes(password) && !text.includes(written), text);
  }
});

test(
  'postgres: a server that went away is STORE_UNAVAILABLE, and is used again when it is back',
  { skip },
  async () => {
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    const logger = { debug: warn, info: warn, warn, error: warn };
    await using database = await openPostgresDatabase({ url: await server.createDatabase(), logger });
    await database.run('CREATE TABLE entry (name TEXT PRIMARY KEY)');
    let restarted: Promise<void> | undefined;
    const during = database.transaction(async (queries) => {
      await queries.run('INSERT INTO entry (name) VALUES (?)', 'lost');
      restarted = server.restart();
      await restarted;
      await queries.run('INSERT INTO entry (name) VALUES (?)', 'never');
    });
    assert.equal((await failure(during)).code, 'STORE_UNAVAILABLE');
    await restarted;
    await database.run('INSERT INTO entry (name) VALUES (?)', 'kept');
    assert.deepEqual(await database.all('SELECT name FROM entry'), [{ name: 'kept' }]);
  },
);

test('postgres: conflicts that do not end are STORE_BUSY', { skip }, async () => {
  const url = await server.createDatabase();
  await using database = await openPostgresDatabase({ url, conflictTime: 1 });
  await using other = await openPostgresDatabase({ url });
  await database.run('CREATE TABLE counter (value BIGINT)');
  await database.run('INSERT INTO counter (value) VALUES (0)');
  let attempts = 0;
  const error = await failure(
    database.transaction(async (queries) => {
      attempts += 1;
      const row = await queries.get<{ value: number }>('SELECT value FROM counter');
      await other.run('UPDATE counter SET value = value + 1');
      await queries.run('UPDATE counter SET value = ?', (row?.value ?? 0) + 10);
    }),
  );
  assert.equal(error.code, 'STORE_BUSY');
  assert.ok(attempts >= 1);
  assert.deepEqual(await database.get('SELECT value FROM counter'), { value: attempts });
});

test('postgres: truth is 1 and 0, and a text that is used often keeps one plan', { skip }, async () => {
  await using database = await openPostgresDatabase({ url: await server.createDatabase(), poolSize: 1 });
  const sql = 'SELECT CAST(? AS BIGINT) > 1 AS large';
  assert.deepEqual(await database.get(sql, 2), { large: 1 });
  assert.deepEqual(await database.get(sql, 1), { large: 0 });
  const plans = await database.all('SELECT name FROM pg_prepared_statements WHERE statement LIKE ?', '%AS large');
  assert.equal(plans.length, 1);
});

test('postgres: what is not durable says so to the server', { skip }, async () => {
  await using database = await openPostgresDatabase({ url: await server.createDatabase(), poolSize: 1 });
  const ask = (durable: boolean): Promise<unknown> =>
    database.transaction((queries) => queries.get("SELECT current_setting('synchronous_commit') AS value"), {
      durable,
    });
  assert.deepEqual(await ask(false), { value: 'off' });
  assert.deepEqual(await ask(true), { value: 'on' });
});

test('postgres: TLS checks the certificate and the name of the server', { skip }, async () => {
  const authority = makeCertificate('authority');
  const { cert, key } = makeCertificate('db', { issuer: authority, dnsNames: ['db.example'] });
  await using secure = await startPostgres({ certificate: cert, key });
  const url = await secure.createDatabase();
  await using database = await openPostgresDatabase({ url, tls: { ca: authority.cert, serverName: 'db.example' } });
  assert.deepEqual(await database.get('SELECT ssl AS encrypted FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), {
    encrypted: 1,
  });
  const wrong = [
    { ca: makeCertificate('another').cert, serverName: 'db.example' },
    { ca: authority.cert, serverName: 'other.example' },
    { ca: authority.cert },
  ];
  for (const tls of wrong) assert.equal((await failure(openPostgresDatabase({ url, tls }))).code, 'STORE_UNAVAILABLE');
});
