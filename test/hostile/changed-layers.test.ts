import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { buildElf } from '../../testing/executable-builder.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { sealHeader } from '../../testing/image/tar-header.ts';
import { directory, file, hardlink, symlink, whiteout, writeTar } from '../../testing/image/tar-writer.ts';
import { memoryImage } from '../../testing/memory-image.ts';
import { apkDatabase, dpkgDatabase, goProgram, javaArchiveFile, npmPackage } from '../../testing/package-files.ts';
import { encodeBdbHash, encodeNdb, encodeRpmHeader } from '../../testing/rpm-database.ts';
import { buildZip } from '../../testing/zip-builder.ts';
import { silentProgress } from '../../src/base/progress.ts';
import { readImageInventory } from '../../src/scan/image-inventory.ts';
import { LayerPool } from '../../src/scan/layer-pool.ts';
import { skipNothing } from '../../src/scan/skip-rules.ts';

const header = encodeRpmHeader([
  { tag: 1000, value: 'bash' },
  { tag: 1001, value: '5.1' },
  { tag: 1002, value: '1.el9' },
  { tag: 1117, value: ['bash'] },
  { tag: 1118, value: ['/usr/bin/'] },
  { tag: 1116, value: [0] },
]);

/** One file for each reader of bytes, so that a change anywhere meets one. */
const layer = writeTar([
  file('etc/os-release', 'ID=fedora\nVERSION_ID=39\n'),
  file('var/lib/rpm/Packages', encodeBdbHash([header], { pageSize: 512 })),
  file('usr/lib/sysimage/rpm/Packages.db', encodeNdb([header])),
  apkDatabase({ musl: '1.2.4-r2' }),
  dpkgDatabase({ libc6: '2.36-9' }),
  npmPackage('left-pad', '1.3.0'),
  javaArchiveFile('opt/a.jar', 'org.x', 'a', '2.0'),
  file('opt/b.war', buildZip([{ name: 'WEB-INF/lib/c-1.jar', content: buildZip([]), deflate: true }])),
  goProgram('usr/bin/app', 'example.com/app', 'golang.org/x/net', 'v0.1.0'),
  file('usr/bin/tool', buildElf({ bits: 32, littleEndian: false }, []), { mode: 0o755 }),
  file('gems/specifications/rake-13.0.gemspec', 'Gem::Specification.new do |s|\n s.name = "rake"\nend\n'),
  file('lib/x.dist-info/METADATA', 'Name: x\nVersion: 1\nRequires-Dist: y\n'),
  directory('links'),
  symlink('links/a', '../opt'),
  symlink('links/b.jar', 'a/a.jar'),
  hardlink('links/c.jar', 'opt/a.jar'),
  whiteout('links/d'),
]);

/** What the layer holds before it is changed. */
const types = ['apk', 'deb', 'gem', 'golang', 'maven', 'npm', 'pypi', 'rpm'];

const change = fc.record({
  at: fc.nat(layer.length - 1),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc
      .constantFrom('\0\0\0\0', '\u00FF\u00FF\u00FF\u00FF', '99999999', '../../..', '\n\n', '{"a":[', '\u0080')
      .map((text) => Buffer.from(text, 'latin1')),
  ),
});

test('readImageInventory() gives an inventory with coded problems, whatever the bytes of its layers', async () => {
  await using pool = new LayerPool(1);
  const signal = new AbortController().signal;
  const context = { runner: pool, skip: skipNothing, progress: silentProgress, signal };
  const sound = await readImageInventory(memoryImage(buildImage({ layers: [{ tar: layer }] })), context);
  assert.deepEqual(new Set(sound.packages.map(({ type }) => type)), new Set(types));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), fc.boolean(), async (changes, isSealed) => {
      const tar = Buffer.from(layer);
      for (const { at, bytes } of changes) tar.set(bytes.subarray(0, tar.length - at), at);
      for (let at = 0; isSealed && at < tar.length; at += 512) {
        if (tar.toString('latin1', at + 257, at + 262) === 'ustar') sealHeader(tar.subarray(at, at + 512));
      }
      const image = memoryImage(buildImage({ layers: [{ tar: layer }, { tar }] }));
      const { problems } = await readImageInventory(image, context);
      // So the problem is called for which a cataloger had no code.
      assert.deepEqual(
        problems.filter(({ code }) => code === 'FILE_UNREADABLE'),
        [],
      );
    }),
    { numRuns: 60 },
  );
});
