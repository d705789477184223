import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { pinnedPackages } from '../../examples/first-scan/pinned-packages.ts';
import { root } from '../../examples/first-scan/run-program.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';

const run = promisify(execFile);
const script = join(root, 'examples', 'first-scan', 'run.ts');

interface Report {
  readonly Results?: readonly {
    readonly Vulnerabilities?: readonly { readonly PkgName: string; readonly InstalledVersion: string }[];
  }[];
}

test('the first scan fetches real packages, finds each of their flaws, and then needs no network', async () => {
  using home = temporaryDirectory();
  const env = { ...process.env, XDG_CACHE_HOME: home.path };
  const first = await run(process.execPath, [script], { cwd: root, env });
  assert.match(first.stdout, /^Fetching 9 old releases/);
  assert.match(first.stdout, /CVE-2021-44906/);
  assert.match(first.stdout, /What to type next/);

  const offline = { ...env, npm_execpath: '', PATH: home.path };
  const second = await run(process.execPath, [script], { cwd: root, env: offline });
  assert.doesNotMatch(second.stdout, /Fetching/);
  assert.match(second.stdout, /CVE-2021-44906/);

  const work = join(home.path, 'seaworthy-first-scan');
  const args = ['image', '--input', join(work, 'image'), '--cache-dir', join(work, 'cache'), '-f', 'json', '--quiet'];
  const { stdout } = await run(process.execPath, [join(root, 'bin', 'seaworthy.js'), ...args], {
    cwd: root,
    env: offline,
  });
  const found = new Set(
    ((JSON.parse(stdout) as Report).Results ?? []).flatMap(({ Vulnerabilities }) =>
      (Vulnerabilities ?? []).map(
        ({ PkgName, InstalledVersion }) => `${PkgName} ${InstalledVersion.replace(/^v/, '')}`,
      ),
    ),
  );
  const expected = pinnedPackages.flatMap(({ holds }) => holds.map(({ name, version }) => `${name} ${version}`));
  assert.deepEqual([...found].toSorted(), expected.toSorted());
});
