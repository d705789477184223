import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { directory, file, hardlink, opaque, symlink, whiteout, writeTar } from './tar-writer.ts';
import type { TarEntry } from './tar-writer.ts';

/** Unpacks with the machine's tar: the writer is right when another program agrees. */
function unpack(tar: Buffer, look: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'seaworthy-tar-'));
  try {
    execFileSync('tar', ['-xf', '-', '-C', root], { input: tar, stdio: ['pipe', 'pipe', 'ignore'] });
    look(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const long = `${'d'.repeat(60)}/${'e'.repeat(60)}/${'f'.repeat(60)}`;
const holes = Buffer.alloc(40 * 1024);
for (let at = 0; at < 30; at += 1) holes.write(`block ${at}`, at * 1024, 'latin1');

const cases: readonly { readonly title: string; readonly entry: TarEntry }[] = [
  { title: 'a plain file', entry: file('a/b', 'text') },
  { title: 'a v7 header', entry: file('a', 'text', { dialect: 'v7' }) },
  { title: 'a leading ./', entry: file('./a', 'text') },
  { title: 'a ustar prefix', entry: file(long, 'text', { dialect: 'ustar' }) },
  { title: 'a PAX path', entry: file(long, 'text', { dialect: 'pax' }) },
  { title: 'a GNU long name', entry: file(long, 'text', { dialect: 'gnu' }) },
  { title: 'a PAX size', entry: file('a', 'text', { forceExtension: true }) },
  { title: 'a base-256 size', entry: file('a', 'text', { dialect: 'gnu', base256Size: true }) },
  { title: 'a name beyond ASCII', entry: file('ä/€', 'text', { forceExtension: true }) },
  { title: 'an old GNU sparse file', entry: file('s', holes, { dialect: 'gnu', sparse: 'gnu-old' }) },
  { title: 'a PAX 0.0 sparse file', entry: file('s', holes, { sparse: 'pax-0.0' }) },
  { title: 'a PAX 0.1 sparse file', entry: file('x/s', holes, { sparse: 'pax-0.1' }) },
  { title: 'a PAX 1.0 sparse file', entry: file('x/s', holes, { sparse: 'pax-1.0' }) },
];

for (const { title, entry } of cases) {
  test(`writeTar() writes ${title} that tar unpacks`, () => {
    unpack(writeTar([entry]), (root) => {
      assert.deepEqual(readFileSync(join(root, entry.name)), Buffer.from(entry.body ?? ''));
    });
  });
}

test('writeTar() writes links and directories that tar unpacks', () => {
  const target = `${'t'.repeat(90)}/${'u'.repeat(90)}`;
  const entries = [
    directory('d', { mode: 0o700 }),
    file('d/a', 'text'),
    hardlink('d/hard', 'd/a'),
    symlink('d/soft', target),
    symlink('d/gnu', target, { dialect: 'gnu' }),
  ];
  unpack(writeTar(entries), (root) => {
    assert.equal(statSync(join(root, 'd')).mode & 0o777, 0o700);
    assert.equal(statSync(join(root, 'd/hard')).ino, statSync(join(root, 'd/a')).ino);
    assert.equal(readlinkSync(join(root, 'd/soft')), target);
    assert.equal(readlinkSync(join(root, 'd/gnu')), target);
  });
});

test('whiteout() and opaque() name the marks of the layer specification', () => {
  assert.equal(whiteout('etc/passwd').name, 'etc/.wh.passwd');
  assert.equal(whiteout('top').name, '.wh.top');
  assert.equal(opaque('etc').name, 'etc/.wh..wh..opq');
});
