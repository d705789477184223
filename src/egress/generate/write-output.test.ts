import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import type { VerifiedConfiguration } from './generate.ts';
import { writeOutput } from './write-output.ts';

const one: VerifiedConfiguration = {
  target: 'containerd',
  notes: [],
  files: [
    { path: '/etc/a', text: 'one' },
    { path: '/etc/secret', text: 'two', secret: true },
    { path: '/bin/run', text: '#!/bin/sh\n', executable: true },
  ],
};

test('writeOutput() writes all files with their permissions, and replaces an older output whole', async () => {
  using folder = temporaryDirectory();
  const out = join(folder.path, 'out');
  await writeOutput(out, [one, { ...one, target: 'crio', files: [{ path: 'x.yaml', text: 'x' }] }]);
  assert.equal(readFileSync(join(out, 'containerd/etc/a'), 'utf8'), 'one');
  const modes = ['etc/a', 'etc/secret', 'bin/run'].map((path) => statSync(join(out, 'containerd', path)).mode & 0o777);
  assert.deepEqual(
    modes.slice(1).map((mode) => mode & 0o700),
    [0o600, 0o700],
  );
  assert.equal((modes[1] as number) & 0o077, 0);
  await writeOutput(out, [{ ...one, files: [{ path: '/etc/b', text: 'new' }] }]);
  assert.deepEqual(readdirSync(out).toSorted(), ['.seaworthy-egress', 'containerd']);
  assert.deepEqual(readdirSync(join(out, 'containerd/etc')), ['b']);
  assert.deepEqual(readdirSync(folder.path), ['out']);
});

test('files that somebody put into an older output are never removed', async () => {
  using folder = temporaryDirectory();
  const out = join(folder.path, 'out');
  await writeOutput(out, [one]);
  for (const path of ['README.md', 'containerd/etc/mine.toml', 'containerd/empty/']) {
    const place = join(out, path);
    if (path.endsWith('/')) mkdirSync(place);
    else writeFileSync(place, 'mine');
    const name = path.replace(/\/$/, '');
    await assert.rejects(writeOutput(out, [{ ...one, files: [] }]), {
      code: 'EGRESS_OUTPUT_UNWRITABLE',
      message: `${out} holds ${name}, which this command did not write; move it elsewhere, or name another folder`,
    });
    assert.equal(readFileSync(join(out, 'containerd/etc/a'), 'utf8'), 'one');
    rmSync(place, { recursive: true });
  }
  writeFileSync(join(out, 'mine'), 'mine');
  writeFileSync(join(out, '.seaworthy-egress'), 'Written by somebody\nmine\n');
  await assert.rejects(writeOutput(out, [one]), /was not written by this command/);
  assert.equal(readFileSync(join(out, 'mine'), 'utf8'), 'mine');
  assert.deepEqual(readdirSync(folder.path), ['out']);
});

test('writeOutput() takes an empty folder, such as mktemp makes', async () => {
  using folder = temporaryDirectory();
  const out = join(folder.path, 'out');
  mkdirSync(out);
  await writeOutput(out, [one]);
  assert.equal(readFileSync(join(out, 'containerd/etc/a'), 'utf8'), 'one');
  assert.deepEqual(readdirSync(folder.path), ['out']);
});

test('what somebody else wrote is left alone, and nothing is left over', async () => {
  using folder = temporaryDirectory();
  const out = join(folder.path, 'out');
  mkdirSync(out);
  writeFileSync(join(out, 'mine'), 'x');
  await assert.rejects(writeOutput(out, [one]), { code: 'EGRESS_OUTPUT_UNWRITABLE' });
  writeFileSync(join(folder.path, 'file'), 'x');
  await assert.rejects(writeOutput(join(folder.path, 'file'), [one]), { code: 'EGRESS_OUTPUT_UNWRITABLE' });
  await assert.rejects(writeOutput(join(folder.path, 'file/below'), [one]), { code: 'EGRESS_OUTPUT_UNWRITABLE' });
  const twice = {
    ...one,
    files: [
      { path: '/etc/a', text: '' },
      { path: '/etc/a', text: '' },
    ],
  };
  await assert.rejects(writeOutput(join(folder.path, 'new'), [twice]), { code: 'EGRESS_OUTPUT_UNWRITABLE' });
  assert.deepEqual(readdirSync(folder.path).toSorted(), ['file', 'out']);
  assert.deepEqual(readdirSync(out), ['mine']);
});
