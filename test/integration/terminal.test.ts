import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { promisify } from 'node:util';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { openWorkplace, sampleImage } from '../end-to-end/sample.ts';

const run = promisify(execFile);
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'seaworthy.js');
const needsScript = needsProgram('script', 'stty');

const place = await openWorkplace();
after(() => place[Symbol.dispose]());
writeFiles(join(place.path, 'image'), layoutFiles([{ content: sampleImage() }]));

/** What a terminal of 80 columns gets from a scan. */
async function onTerminal(args: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const command = `stty cols 80; exec '${process.execPath}' '${launcher}' image oci-dir:image --no-cache ${args}`;
  const { NO_COLOR: _unset, ...around } = process.env;
  const options = { cwd: place.path, env: { ...around, TERM: 'xterm', ...place.env, ...env } };
  return (await run('script', ['-qec', command, '/dev/null'], options)).stdout;
}

const eraseLine = '\r\u001B[2K';
const colours = /\u001B\[[\d;]*m/g;

test('seaworthy image shows progress on a terminal, clears it, and keeps within 80 columns', needsScript, async () => {
  const text = await onTerminal('');
  assert.match(text, /Reading 2 layers/);
  const report = text.slice(text.lastIndexOf(eraseLine) + eraseLine.length);
  assert.doesNotMatch(report, /Reading/);
  assert.match(report, colours);
  const lines = report.replaceAll(colours, '').split(/\r?\n/);
  assert.ok(lines.some((line) => line.includes('CVE-2024-0003')));
  assert.ok(Math.max(...lines.map((line) => line.length)) <= 80);
});

test('seaworthy image shows no progress when none is wanted, and no colour with NO_COLOR', needsScript, async () => {
  for (const switches of ['--no-progress', '--quiet']) {
    const text = await onTerminal(switches);
    assert.equal(text.includes(eraseLine), false);
    assert.match(text, colours);
  }
  assert.doesNotMatch(await onTerminal('', { NO_COLOR: '1' }), colours);
});
