import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { StoreError } from '../../error.ts';
import { poolSettings } from './settings.ts';

test('poolSettings() reads the forms of a URL, and knows what must not be told', () => {
  const cases = [
    ['postgresql://user:hunter2@host:5432/db', ['hunter2', 'hunter2']],
    ['postgres://user:hun%40ter%2F@host/db?application_name=x', ['hun@ter/', 'hun%40ter%2F']],
    ['postgresql://user@host/db', []],
    ['postgresql:///db?host=/run/postgresql&user=me&password=hidden', ['hidden']],
  ] as const;
  for (const [url, secrets] of cases) assert.deepEqual(poolSettings({ url }).secrets, secrets, url);
});

test('poolSettings() refuses what it cannot read, and tells nothing of it', () => {
  const urls = [
    'mysql://user:hunter2@host/db',
    'user:hunter2@host',
    'postgresql://user:hunter2@host:port/db',
    'postgresql://user:sec@hunter2@host/db',
    'postgresql://user:12/hunter2@host/db',
    'postgresql://user:hunter2@host/db@hunter2',
  ];
  for (const url of urls) {
    assert.throws(
      () => poolSettings({ url }),
      (error) => {
        assert.ok(error instanceof StoreError && error.code === 'STORE_SETTING_INVALID', url);
        assert.ok(!inspect(error, { showHidden: true }).includes('hunter2'), url);
        return true;
      },
      url,
    );
  }
});

test('poolSettings() takes TLS from one place only, and checks the server', () => {
  const tls = { ca: 'PEM', serverName: 'db.example' };
  const { config } = poolSettings({ url: 'postgresql://host/db', tls });
  assert.deepEqual(config.ssl, { rejectUnauthorized: true, ca: 'PEM', servername: 'db.example' });
  assert.throws(() => poolSettings({ url: 'postgresql://host/db?sslmode=verify-full', tls }), {
    code: 'STORE_SETTING_INVALID',
  });
});
