import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { manualClock } from '../../testing/manual-clock.ts';
import { FileWatch } from './file-watch.ts';
import { fingerprintFiles, fingerprintOf } from './fingerprint.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('fingerprintFiles() tells contents and their places apart, and agrees with fingerprintOf()', async (t) => {
  const folder = folderOf(t);
  const [a, b, none] = [join(folder, 'a'), join(folder, 'b'), join(folder, 'none')];
  writeFileSync(a, 'one');
  writeFileSync(b, 'two');
  assert.equal(await fingerprintFiles([a, undefined, b]), fingerprintOf(['one', undefined, Buffer.from('two')]));
  const all = await Promise.all(
    [[a, b], [b, a], [a], [a, undefined], [undefined, a], [a, none], [none]].map((paths) => fingerprintFiles(paths)),
  );
  assert.equal(new Set(all).size, all.length);
  assert.notEqual(fingerprintOf(['ab', 'c']), fingerprintOf(['a', 'bc']));
});

test('FileWatch tells of a change once, also of one that keeps size and time', async (t) => {
  const file = join(folderOf(t), 'f');
  writeFileSync(file, 'aaa');
  utimesSync(file, 1, 1);
  const clock = manualClock();
  let changes = 0;
  const watch = new FileWatch({
    paths: [file],
    fingerprint: fingerprintOf(['aaa']),
    everyMs: 1000,
    clock,
    onChange: () => {
      changes += 1;
      return Promise.resolve();
    },
  });
  await watch.check();
  assert.equal(changes, 0);
  const stop = new AbortController();
  const run = watch.run(stop.signal);
  writeFileSync(file, 'bbb');
  utimesSync(file, 1, 1);
  await clock.tick();
  await clock.tick();
  await watch.check();
  assert.equal(changes, 1);
  rmSync(file);
  await watch.check();
  await watch.check();
  assert.equal(changes, 2);
  stop.abort();
  await run;
});

test('FileWatch looks once at a time, and again after a look that failed', async (t) => {
  const file = join(folderOf(t), 'f');
  writeFileSync(file, 'a');
  let running = 0;
  let most = 0;
  let fail = true;
  const watch = new FileWatch({
    paths: [file],
    fingerprint: 'another',
    everyMs: 1000,
    clock: manualClock(),
    async onChange() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (fail) throw new Error('no');
    },
  });
  const first = watch.check();
  writeFileSync(file, 'b');
  const second = watch.check();
  await assert.rejects(first, /no/);
  await second.catch(() => undefined);
  fail = false;
  writeFileSync(file, 'c');
  await watch.check();
  assert.equal(most, 1);
});
