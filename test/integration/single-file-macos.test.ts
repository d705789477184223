import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { machoDamages } from '../../testing/macho-damages.ts';
import { buildExecutables } from '../../tools/executable/build-executables.ts';
import { checkMacho } from '../../tools/executable/check-macho.ts';
import { nodeVersion, ownTarget } from '../../tools/executable/nodes.ts';

const root = join(import.meta.dirname, '..', '..');
const nodes = join(root, '.cache', 'nodes');
const own = ownTarget();

const install = readFileSync(join(root, 'docs', 'install.md'), 'utf8');

/** The oldest macOS that starts it, such as `13.5`: `minos` of LC_BUILD_VERSION (`mach-o/loader.h`), for the platform 1. */
function oldestSystem(bytes: Buffer): string {
  const at = bytes.indexOf(Buffer.from('320000002000000001000000', 'hex'), 32);
  return `${bytes.readUInt16LE(at + 14)}.${bytes[at + 13]}`;
}

for (const target of ['darwin-arm64', 'darwin-x64'] as const) {
  const missing = [own ?? target, target].filter((each) => !existsSync(join(nodes, `${each}-${nodeVersion}`)));
  const skip = missing.length > 0 && `no Node for ${missing.join(', ')}: node tools/executable.ts --fetch --target …`;

  test(`the single file for ${target} has the form and the signature that macOS asks for`, { skip }, async () => {
    const out = mkdtempSync(join(tmpdir(), 'single-file-macos-'));
    try {
      const [file = ''] = await buildExecutables({ root, targets: [target], out, nodes });
      const bytes = readFileSync(file);
      assert.deepEqual(checkMacho(bytes, target), []);
      assert.match(install, new RegExp(`; macOS from ${oldestSystem(bytes)} on \\|`));
      assert.equal(statSync(file).mode & 0o111, 0o111);
      for (const { what, at, change } of machoDamages) {
        const [place, put] = [at(bytes), change(bytes)];
        assert.ok(place > 0, String(what));
        const before = Buffer.from(bytes.subarray(place, place + put.length));
        put.copy(bytes, place);
        assert.match(checkMacho(bytes, target).join('; '), what);
        before.copy(bytes, place);
      }
      assert.deepEqual(checkMacho(bytes, target), []);
      // Whoever made Node has signed it, with entitlements that its flags ask for; none of that may be left.
      const node = readFileSync(join(nodes, `${target}-${nodeVersion}`, 'package', 'bin', 'node'));
      assert.match(checkMacho(node, target).join('; '), /No section has.*would not look.*and is not ad hoc/);
    } finally {
      rmSync(out, { recursive: true });
    }
  });
}
