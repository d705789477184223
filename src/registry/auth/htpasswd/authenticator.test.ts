import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { isRegistryAuthError } from '../error.ts';
import { HtpasswdAuthenticator } from './authenticator.ts';
import { BcryptPool } from './bcrypt-pool.ts';
import { htpasswdLimits } from './limits.ts';
import { PasswordFile } from './password-file.ts';

/** Hashes that other programs made: of Apache's page on password formats, and of the tests of crypt_blowfish. */
const foreign: readonly (readonly [password: string, hash: string])[] = [
  ['myPassword', '$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC'],
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
];

let folder = '';
const pool = new BcryptPool(1);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seaworthy-htpasswd-'));
});
after(async () => {
  await pool[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Bench {
  readonly path: string;
  readonly clock: { time: number };
  readonly problems: string[];
  readonly authenticator: HtpasswdAuthenticator;
  readonly login: (user: string, password: string) => Promise<string>;
  readonly write: (text: string) => Promise<void>;
}

let count = 0;

function bench(threads = pool): Bench {
  const path = join(folder, `users${(count += 1)}`);
  const clock = { time: 0 };
  const problems: string[] = [];
  // So late that no file is young.
  const times = { now: () => Date.now() + 3_600_000 + clock.time, monotonic: () => clock.time };
  const file = new PasswordFile(path, times, (list) => problems.push(...list.map(({ subject }) => subject)));
  const authenticator = new HtpasswdAuthenticator(file, threads);
  return {
    path,
    clock,
    problems,
    authenticator,
    async login(user, password) {
      try {
        return (await authenticator.authenticate({ kind: 'basic', user, password }, {}))?.name ?? 'wrong';
      } catch (error) {
        return isRegistryAuthError(error) ? error.code : String(error);
      }
    },
    write: (text) => writeFile(path, text),
  };
}

const line = (user: string, password: string, cost = 4): string => `${user}:${hashSync(password, cost)}\n`;

test('users of the file log in with their passwords', async () => {
  const { login, write, authenticator } = bench();
  await write(
    line('alice', 'correct') + line('zoë', 'pässwörd🔑').replace('$2b', '$2y') + line('bob', '').replace('$2b', '$2a'),
  );
  assert.equal(await login('alice', 'correct'), 'alice');
  assert.equal(await login('zoë', 'pässwörd🔑'), 'zoë');
  assert.equal(await login('bob', ''), 'bob');
  for (const password of ['', 'Correct', 'correct ', 'correct\n'])
    assert.equal(await login('alice', password), 'wrong');
  for (const user of ['', 'Alice', 'alice ', 'nobody', '__proto__'])
    assert.equal(await login(user, 'correct'), 'wrong');
  const identity = await authenticator.authenticate({ kind: 'basic', user: 'alice', password: 'correct' }, {});
  assert.deepEqual(
    { ...identity, credential: '' },
    { kind: 'user', name: 'alice', groups: [], source: 'htpasswd', credential: '' },
  );
  assert.equal(await authenticator.authenticate({ kind: 'bearer', token: 'correct' }, {}), undefined);
});

test('a password that bcrypt would look at in part is refused', async () => {
  const { login, write } = bench();
  const long = 'x'.repeat(htpasswdLimits.passwordBytes);
  await write(line('alice', long) + line('bob', ''));
  assert.equal(await login('alice', long), 'alice');
  assert.equal(await login('alice', `${long}anything`), 'wrong');
  assert.equal(await login('bob', long), 'wrong');
  assert.equal(await login('bob', `${long}anything`), 'wrong');
});

test('an unknown user costs a comparison like that of a known one', async () => {
  const asked: string[] = [];
  const counting = new BcryptPool(1);
  counting.matches = (password, hash) => {
    asked.push(`${password} ${hash.slice(0, 7)}`);
    return Promise.resolve(hash.endsWith('.'));
  };
  const { login, write } = bench(counting);
  await write(`${line('a', 'x', 5)}${line('b', 'x', 6)}`);
  // Even where the dummy would match, nobody comes in.
  for (let at = 0; at < 40; at += 1) assert.equal(await login(`nobody${at}`, 'x'), 'wrong');
  assert.equal(asked.length, 40);
  assert.deepEqual(new Set(asked), new Set(['x $2b$05$', 'x $2b$06$']));
  asked.length = 0;
  for (let at = 0; at < 5; at += 1) await login('nobody', 'x');
  assert.equal(new Set(asked).size, 1);
});

test('the file is read again when it was changed', async () => {
  const { login, write, clock, path } = bench();
  await write(line('alice', 'one'));
  assert.equal(await login('alice', 'one'), 'alice');
  await write(line('alice', 'two'));
  assert.equal(await login('alice', 'two'), 'wrong');
  clock.time += htpasswdLimits.pollAfter;
  assert.equal(await login('alice', 'two'), 'alice');
  assert.equal(await login('alice', 'one'), 'wrong');
  await writeFile(`${path}.new`, line('bob', 'one'));
  await rename(`${path}.new`, path);
  clock.time += htpasswdLimits.pollAfter;
  assert.equal(await login('alice', 'two'), 'wrong');
  assert.equal(await login('bob', 'one'), 'bob');
});

test('a file that cannot be read is not a wrong password', async () => {
  const { login, write, clock, path } = bench();
  assert.equal(await login('alice', 'one'), 'AUTH_UNAVAILABLE');
  await write(line('alice', 'one'));
  assert.equal(await login('alice', 'one'), 'alice');
  await unlink(path);
  clock.time += htpasswdLimits.pollAfter;
  assert.equal(await login('alice', 'one'), 'AUTH_UNAVAILABLE');
  await writeFile(path, Buffer.from([0x61, 0xff, 0x3a]));
  assert.equal(await login('alice', 'one'), 'AUTH_UNAVAILABLE');
  await write('x'.repeat(htpasswdLimits.fileBytes + 1));
  assert.equal(await login('alice', 'one'), 'AUTH_UNAVAILABLE');
  await write(line('alice', 'one'));
  assert.equal(await login('alice', 'one'), 'alice');
});

test('problems of the file are told, and cost only their lines', async () => {
  const { login, write, problems } = bench();
  await write(`old:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n${line('alice', 'one')}`);
  assert.equal(await login('alice', 'one'), 'alice');
  assert.equal(await login('old', 'password'), 'wrong');
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /:1$/);
});

test('renew() says whether a user is there still, with the same password', async () => {
  const { authenticator, write, clock } = bench();
  await write(line('alice', 'one'));
  const identity = await authenticator.authenticate({ kind: 'basic', user: 'alice', password: 'one' }, {});
  assert.ok(identity);
  assert.deepEqual(await authenticator.renew(identity), identity);
  assert.equal(await authenticator.renew({ ...identity, kind: 'robot' }), undefined);
  assert.equal(await authenticator.renew({ ...identity, name: 'bob' }), undefined);
  await write(line('alice', 'one'));
  clock.time += htpasswdLimits.pollAfter;
  assert.equal(await authenticator.renew(identity), undefined);
});

test('the pool compares hashes that others made, many at a time, and none for who left', async () => {
  await using threads = new BcryptPool(2);
  for (const [password, hash] of foreign) {
    assert.equal(await threads.matches(password, hash), true);
    assert.equal(await threads.matches(`${password}x`, hash), false);
  }
  const hash = hashSync('right', 4);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => threads.matches(index % 2 ? 'right' : 'no', hash)),
  );
  assert.deepEqual(
    answers,
    Array.from({ length: 20 }, (_, index) => index % 2 === 1),
  );
  const controller = new AbortController();
  const slow = [threads.matches('a', hash), threads.matches('a', hash)];
  const left = threads.matches('a', hash, controller.signal);
  controller.abort(new Error('left'));
  await assert.rejects(left, /left/);
  await Promise.all(slow);
  const unavailable = (error: unknown): boolean => isRegistryAuthError(error, 'AUTH_UNAVAILABLE');
  await assert.rejects(threads.matches('a', '$2b$99$broken'.padEnd(60, '.')), unavailable);
  const crowd = Array.from({ length: htpasswdLimits.queue + 5 }, () => threads.matches('a', hash).catch(unavailable));
  assert.ok((await Promise.all(crowd.slice(-3))).every(Boolean));
  await threads[Symbol.asyncDispose]();
  await Promise.all(crowd);
  await assert.rejects(threads.matches('a', hash), unavailable);
});

test('the event loop goes on while passwords are compared', async () => {
  await using threads = new BcryptPool(1);
  const hash = hashSync('x', 4);
  await threads.matches('x', hash);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  await threads.matches('x', '$2b$10$'.padEnd(60, '.'));
  clearInterval(timer);
  assert.ok(turns > 1);
});
