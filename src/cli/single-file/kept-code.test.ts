import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { keptFolder, openKeptCode } from './kept-code.ts';

test('openKeptCode() gives back what was kept, of one kind and build, and adds to it', () => {
  using folder = temporaryDirectory();
  const place = join(folder.path, 'kept');
  const open = (build = 'b1', kind = 'image') => openKeptCode(place, build, kind);
  assert.equal(open().get('a.cjs'), undefined);
  open().keep(new Map([['a.cjs', Buffer.from('of a')]]));
  open().keep(
    new Map([
      ['b.cjs', Buffer.from('')],
      ['c.cjs', Buffer.from('of c')],
    ]),
  );
  const kept = open();
  assert.deepEqual(
    ['a.cjs', 'b.cjs', 'c.cjs', 'd.cjs'].map((name) => kept.get(name)?.toString()),
    ['of a', '', 'of c', undefined],
  );
  assert.equal(open('b1', 'verify').get('a.cjs'), undefined);
  assert.equal(statSync(join(place, 'b1-image')).mode & 0o777, 0o600);
  // Another build takes the place of all before it.
  open('b2').keep(new Map([['a.cjs', Buffer.from('new')]]));
  assert.deepEqual(readdirSync(place), ['b2-image']);
});

test('openKeptCode() takes nothing of a file that was changed or cut at any place', () => {
  using folder = temporaryDirectory();
  openKeptCode(folder.path, 'b', 'k').keep(new Map([['a.cjs', Buffer.from('code of a')]]));
  const file = join(folder.path, 'b-k');
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] as number) ^ 1;
    for (const bytes of [changed, whole.subarray(0, at)]) {
      writeFileSync(file, bytes);
      assert.equal(openKeptCode(folder.path, 'b', 'k').get('a.cjs'), undefined);
    }
  }
});

test(
  'openKeptCode() does without where nothing can be written',
  { skip: process.getuid?.() === 0 && 'root may write anywhere' },
  () => {
    using folder = temporaryDirectory();
    chmodSync(folder.path, 0o500);
    openKeptCode(join(folder.path, 'kept'), 'b', 'k').keep(new Map([['a.cjs', Buffer.from('x')]]));
  },
);

test('keptFolder() is in the user’s own cache, unless they decide by Node’s variables', () => {
  assert.equal(keptFolder({ XDG_CACHE_HOME: '/c' }), '/c/seaworthy/compiled/single-file');
  assert.equal(keptFolder({ NODE_DISABLE_COMPILE_CACHE: '1' }), undefined);
  assert.equal(keptFolder({ NODE_COMPILE_CACHE: '/c' }), undefined);
});

test('keptFolder() is never below the working folder', (t) => {
  const before = process.env['HOME'];
  t.after(() => (before === undefined ? delete process.env['HOME'] : (process.env['HOME'] = before)));
  for (const [home, kept] of [
    ['/home/sailor', '/home/sailor/.cache/seaworthy/compiled/single-file'],
    ['', undefined],
    ['home', undefined],
  ] as const) {
    process.env['HOME'] = home;
    for (const given of [undefined, '', 'relative', './relative']) {
      assert.equal(keptFolder({ XDG_CACHE_HOME: given }), kept);
    }
  }
});
