import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { formatNodeOptions, isSingleFile, programCall, scriptName } from './single-file.ts';

test('formatNodeOptions() writes what Node reads again', () => {
  const flags = ['--no-warnings', '--title=a "b" c\\d', '--title=/tmp/two  words', "--title=it's"];
  for (const flag of flags) {
    const { stdout, stderr } = spawnSync(process.execPath, ['-p', 'process.title'], {
      encoding: 'utf8',
      env: { NODE_OPTIONS: formatNodeOptions(['--no-deprecation', flag]) },
    });
    assert.equal(stderr, '');
    if (flag.startsWith('--title=')) assert.equal(stdout, `${flag.slice('--title='.length)}\n`);
  }
});

test('programCall() runs a script with flags where the program is no single file', () => {
  assert.equal(isSingleFile(), false);
  const call = programCall('/app/cli/scan-worker.js', ['--no-warnings'], '--inherited');
  assert.deepEqual(call, { script: '/app/cli/scan-worker.js', flags: ['--no-warnings'], env: {} });
});

test('scriptName() is the same for a path and an address, in sources and in bundles', () => {
  for (const script of ['/a/scan-worker.js', '/a/scan-worker.ts', new URL('file:///b/scan-worker.cjs')]) {
    assert.equal(scriptName(script), 'scan-worker');
  }
});
