import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { root } from '../../examples/whole-chain/program.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';

const run = promisify(execFile);
const script = join(root, 'examples', 'whole-chain', 'run.ts');

test('npm start shows the whole chain of real packages, and then again without a network', async () => {
  using machine = temporaryDirectory();
  const [home, temporary, empty] = ['home', 'tmp', 'empty'].map((name) => join(machine.path, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, temporary, empty]) mkdirSync(folder);
  const options = { cwd: root, maxBuffer: 16 << 20 };
  // npm keeps what V8 made of its own code there.
  const online = { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
  const first = await run(process.execPath, [script], { ...options, env: online });
  assert.match(first.stdout, /\n━━ 8\. [^]*→ shop\/app:1\.0\n[^]*The whole chain, in \d+ seconds\./);

  const offline = { PATH: empty, HOME: home, TMPDIR: temporary };
  const second = await run(process.execPath, [script], { ...options, env: offline });
  assert.doesNotMatch(second.stdout, /Fetching/);
  assert.match(second.stdout, /The whole chain, in \d+ seconds\./);
  assert.deepEqual([...readdirSync(home), ...readdirSync(temporary)], []);
});
