import assert from 'node:assert/strict';
import test from 'node:test';
import type { Cataloger, PathPattern } from './cataloger.ts';
import { Dispatch, mayBeExecutable } from './dispatch.ts';

function cataloger(id: string, wants: readonly PathPattern[], more: Partial<Cataloger> = {}): Cataloger {
  return { id, version: 1, wants, maxBytes: 1000, read: () => ({ facts: [] }), ...more };
}

const dispatch = new Dispatch([
  cataloger('name', [{ name: 'package.json' }, { name: 'package.json' }]),
  cataloger('extension', [{ extension: '.JAR' }, { extension: '.deps.json' }]),
  cataloger('path', [{ path: 'lib/apk/db/installed' }, { path: 'top' }], { siblings: ['-wal'] }),
  cataloger('folder', [{ directory: 'dpkg/info', extension: '.List' }]),
  cataloger('anything', [{ directory: 'status.d' }, { name: 'package.json' }]),
  cataloger('program', [{ executable: true }]),
]);

const selections: readonly (readonly [path: string, ids: readonly string[]])[] = [
  ['package.json', ['name', 'anything']],
  ['a/b/package.json', ['name', 'anything']],
  ['a/Package.json', []],
  ['a/xpackage.json', []],
  ['package.json/x', []],
  ['a.jar', ['extension']],
  ['a/B.JAR', ['extension']],
  ['.jar', ['extension']],
  ['a.jar/b', []],
  ['ajar', []],
  ['x/app.deps.json', ['extension']],
  ['x/deps.json', []],
  ['lib/apk/db/installed', ['path']],
  ['usr/lib/apk/db/installed', ['path']],
  ['xlib/apk/db/installed', []],
  ['apk/db/installed', []],
  ['top', ['path']],
  ['a/top', ['path']],
  ['var/lib/dpkg/info/a.list', ['folder']],
  ['dpkg/info/a.LIST', ['folder']],
  ['dpkg/info/a.md5sums', []],
  ['dpkg/info/x/a.list', []],
  ['xdpkg/info/a.list', []],
  ['status.d/a', ['anything']],
  ['var/status.d/package.json', ['name', 'anything']],
  ['status.d', []],
  ['', []],
  ['__proto__', []],
  ['constructor/toString.__proto__', []],
];

for (const [path, ids] of selections) {
  test(`Dispatch.select() offers '${path}' to ${ids.join(' and ') || 'nobody'}`, () => {
    assert.deepEqual(
      dispatch
        .select(path)
        .map(({ id }) => id)
        .sort(),
      [...ids].sort(),
    );
  });
}

test('Dispatch.isSibling() knows the neighbours that were asked for', () => {
  const paths = [
    'lib/apk/db/installed-wal',
    'usr/lib/apk/db/installed-wal',
    'top-wal',
    'lib/apk/db/installed',
    'x-wal',
    'xtop-wal',
  ];
  assert.deepEqual(
    paths.map((path) => dispatch.isSibling(path)),
    [true, true, true, false, false, false],
  );
});

test('Dispatch.rootedPatterns() names whole paths and folders', () => {
  const found = [...dispatch.rootedPatterns()].map(({ path, folder }) => `${path} ${folder}`);
  assert.deepEqual(found.sort(), ['dpkg/info true', 'lib/apk/db/installed false', 'status.d true', 'top false']);
});

const programs: readonly (readonly [path: string, mode: number, size: number, may: boolean])[] = [
  ['bin/a', 0o755, 64, true],
  ['bin/a', 0o100, 64, true],
  ['bin/a', 0o644, 64, false],
  ['bin/a', 0o755, 63, false],
  ['lib/libc.so', 0o644, 64, true],
  ['lib/libc.so.6', 0o644, 64, true],
  ['lib/libc.sole', 0o644, 64, false],
  ['a.so/readme', 0o644, 64, false],
  ['a.DLL', 0o644, 64, true],
  ['binding.node', 0o644, 64, true],
];

for (const [path, mode, size, may] of programs) {
  test(`mayBeExecutable() is ${may} for ${path} of ${size} bytes with mode ${mode.toString(8)}`, () =>
    assert.equal(mayBeExecutable(path, mode, size), may));
}
