import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { buildExecutables } from '../../tools/executable/build-executables.ts';
import { checkMacho } from '../../tools/executable/check-macho.ts';
import { nodeVersion, ownTarget } from '../../tools/executable/nodes.ts';

const root = join(import.meta.dirname, '..', '..');
const nodes = join(root, '.cache', 'nodes');
const own = ownTarget();

/** The load command of a segment: eight bytes, then its name. */
const command = (bytes: Buffer, segment: string): number => bytes.indexOf(`${segment}\0`) - 8;

const install = readFileSync(join(root, 'docs', 'install.md'), 'utf8');

/** The oldest macOS that starts it, such as `13.5`: `minos` of LC_BUILD_VERSION (`mach-o/loader.h`), for the platform 1. */
function oldestSystem(bytes: Buffer): string {
  const at = bytes.indexOf(Buffer.from('320000002000000001000000', 'hex'), 32);
  return `${bytes.readUInt16LE(at + 14)}.${bytes[at + 13]}`;
}

/** What can be wrong with such a file: where it is changed, what is put there, and what is said then. */
const damages: readonly (readonly [what: RegExp, at: (bytes: Buffer) => number, change: Buffer])[] = [
  [/not for darwin/, () => 4, Buffer.from([3])],
  [/No section has/, (bytes) => bytes.indexOf('__NODE_SEA_BLOB'), Buffer.from('x')],
  [/would not look/, (bytes) => bytes.indexOf('NODE_SEA_FUSE_') + 47, Buffer.from('0')],
  [/has a signature/, (bytes) => bytes.indexOf(Buffer.from('2900000010000000', 'hex'), 32), Buffer.from([0x1d])],
  [/begin where/, (bytes) => command(bytes, 'NODE_SEA') + 25, Buffer.from([1])],
  [/larger in the file/, (bytes) => command(bytes, 'NODE_SEA') + 32, Buffer.alloc(8)],
  [/lies over/, (bytes) => command(bytes, 'NODE_SEA') + 42, Buffer.from([0])],
  [/does not end the file/, (bytes) => command(bytes, '__LINKEDIT') + 48, Buffer.from([1])],
  [/said to lie/, (bytes) => bytes.indexOf(Buffer.from('2600000010000000', 'hex'), 32) + 8, Buffer.alloc(4)],
];

for (const target of ['darwin-arm64', 'darwin-x64'] as const) {
  const missing = [own ?? target, target].filter((each) => !existsSync(join(nodes, `${each}-${nodeVersion}`)));
  const skip = missing.length > 0 && `no Node for ${missing.join(', ')}: node tools/executable.ts --fetch --target …`;

  test(`the single file for ${target} has the form that macOS starts once it is signed`, { skip }, async () => {
    const out = mkdtempSync(join(tmpdir(), 'single-file-macos-'));
    try {
      const [file = ''] = await buildExecutables({ root, targets: [target], out, nodes });
      const bytes = readFileSync(file);
      assert.deepEqual(checkMacho(bytes, target), []);
      assert.match(install, new RegExp(`; macOS from ${oldestSystem(bytes)} on \\|`));
      for (const [what, at, change] of damages) {
        const place = at(bytes);
        assert.ok(place > 0, String(what));
        const before = Buffer.from(bytes.subarray(place, place + change.length));
        change.copy(bytes, place);
        assert.match(checkMacho(bytes, target).join('; '), what);
        before.copy(bytes, place);
      }
      assert.deepEqual(checkMacho(bytes, target), []);
      // What is signed already is not what is to be signed.
      const node = readFileSync(join(nodes, `${target}-${nodeVersion}`, 'package', 'bin', 'node'));
      assert.match(checkMacho(node, target).join('; '), /No section has.*would not look.*has a signature/);
    } finally {
      rmSync(out, { recursive: true });
    }
  });
}
