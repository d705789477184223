import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AddStep } from './model.ts';
import { placeDirectory, placeFound, type PlacedEntry } from './place-entries.ts';
import { planLayer } from './plan-layer.ts';
import type { FoundEntry } from './read-source.ts';

const identity = { path: '/src', dev: 1, ino: 1, size: 0, mtime: 0 };

function found(path: string, type: FoundEntry['type'], more: Partial<FoundEntry> = {}): FoundEntry {
  return { path, type, mode: 0o664, size: 0, linkName: '', isEmpty: false, file: identity, ...more };
}

function add(target: string, more: Partial<AddStep> = {}): AddStep {
  return { kind: 'add', source: 'src', target, ...more };
}

const nothing = { below: new Map(), onBase: false };
const onBase = { below: new Map(), onBase: true };

function shown(entries: readonly PlacedEntry[]): string[] {
  return entries.map(({ path, mode, uid, gid }) => `${path} ${mode.toString(8)} ${uid}:${gid}`);
}

const folder = [
  found('', 'directory', { mode: 0o700 }),
  found('bin', 'directory'),
  found('bin/a', 'file', { mode: 0o700 }),
];

test('placeFound() puts files and folders where Dockerfiles put them', () => {
  const file = [found('', 'file', { mode: 0o666 })];
  const cases: readonly (readonly [AddStep, readonly FoundEntry[], readonly string[]])[] = [
    [add('/app'), file, ['app 644 0:0']],
    [add('/srv/'), file, ['srv/src 644 0:0']],
    [add('/'), file, ['src 644 0:0']],
    [add('/app', { mode: 0o711, uid: 1, gid: 2 }), file, ['app 711 1:2']],
    [add('/app', { mode: 'keep' }), [found('', 'file', { mode: 0o4711 })], ['app 4711 0:0']],
    [add('/app'), [found('', 'file', { mode: 0o4711 })], ['app 755 0:0']],
    [add('/srv'), folder, ['srv 755 0:0', 'srv/bin 755 0:0', 'srv/bin/a 755 0:0']],
    [add('/'), folder, ['bin 755 0:0', 'bin/a 755 0:0']],
    [
      add('/srv', { mode: 0o600, directoryMode: 0o750 }),
      folder,
      ['srv 750 0:0', 'srv/bin 750 0:0', 'srv/bin/a 600 0:0'],
    ],
    [add('/srv', { mode: 'keep' }), folder, ['srv 700 0:0', 'srv/bin 664 0:0', 'srv/bin/a 700 0:0']],
  ];
  for (const [step, entries, places] of cases) assert.deepEqual(shown(placeFound(step, entries, 'src')), places);
});

test('planLayer() writes all folders on an empty image, and on a base only those that are told how to be or are empty', () => {
  const placed = [
    ...placeFound(add('/usr/local/bin/app'), [found('', 'file')], 'app'),
    ...placeFound(
      add('/etc'),
      [found('', 'directory'), found('d', 'directory', { isEmpty: true }), found('f', 'file')],
      'etc',
    ),
    placeDirectory({ kind: 'directory', target: '/tmp', directoryMode: 0o1777 }),
  ];
  const all = ['etc', 'etc/d', 'etc/f', 'tmp', 'usr', 'usr/local', 'usr/local/bin', 'usr/local/bin/app'];
  assert.deepEqual(
    planLayer(placed, nothing).map(({ path }) => path),
    all,
  );
  assert.deepEqual(
    planLayer(placed, onBase).map(({ path }) => path),
    ['etc/d', 'etc/f', 'tmp', 'usr/local/bin/app'],
  );
});

test('planLayer() leaves folders of earlier layers as they are', () => {
  const below = new Map([
    ['srv', 'directory'],
    ['srv/f', 'file'],
  ] as const);
  const placed = placeFound(add('/srv/x/y'), [found('', 'file')], 'y');
  assert.deepEqual(
    planLayer(placed, { below, onBase: false }).map(({ path }) => path),
    ['srv/x', 'srv/x/y'],
  );
  assert.throws(() => planLayer(placeFound(add('/srv/f/g'), [found('', 'file')], 'g'), { below, onBase: false }), {
    code: 'BUILD_INVALID',
  });
});

test('planLayer() lets the later of two files count, and a folder that was told how to be stay so', () => {
  const at = (target: string, uid: number): readonly PlacedEntry[] =>
    placeFound(add(target, { uid }), [found('', 'file')], 'x');
  assert.deepEqual(shown(planLayer([...at('/a', 1), ...at('/a', 2)], nothing)), ['a 644 2:0']);
  const told = placeDirectory({ kind: 'directory', target: '/a', uid: 7 });
  for (const placed of [
    [told, ...at('/a/b', 0)],
    [...at('/a/b', 0), told],
  ]) {
    assert.deepEqual(shown(planLayer(placed, nothing)), ['a 755 7:0', 'a/b 644 0:0']);
  }
});

test('planLayer() refuses to put a file below a file or a link', () => {
  const file = placeFound(add('/a'), [found('', 'file')], 'a');
  const link = placeFound(add('/d'), [found('', 'directory'), found('a', 'symlink', { linkName: '/etc' })], 'd');
  const inside = placeFound(add('/a/b'), [found('', 'file')], 'b');
  const insideLink = placeFound(add('/d/a/b'), [found('', 'file')], 'b');
  const directory = placeDirectory({ kind: 'directory', target: '/a' });
  for (const placed of [
    [...file, ...inside],
    [...inside, ...file],
    [...link, ...insideLink],
    [...insideLink, ...link],
    [...file, directory],
    [directory, ...file],
  ]) {
    assert.throws(() => planLayer(placed, nothing), { code: 'BUILD_INVALID', message: /folder and something else/ });
  }
  const layered = { below: new Map([['d/a', 'symlink']] as const), onBase: true };
  assert.throws(() => planLayer(insideLink, layered), { code: 'BUILD_INVALID' });
});

test('planLayer() gives the same entries in whatever order they come, parents first', () => {
  const name = fc.constantFrom('a', 'b', 'B', 'a-b', 'a.b', 'ä', 'é', '0');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/f-${names.join('/')}/file`);
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
      const placed = paths.map((target) => placeFound(add(target), [found('', 'file')], 'x')[0] as PlacedEntry);
      const entries = planLayer(placed, nothing).map((entry) => entry.path);
      assert.deepEqual(
        planLayer(placed.toReversed(), nothing).map((entry) => entry.path),
        entries,
      );
      for (const [at, entry] of entries.entries()) {
        const parent = entry.slice(0, Math.max(0, entry.lastIndexOf('/')));
        assert.ok(parent === '' || entries.indexOf(parent) < at, entry);
        assert.notEqual(entries.indexOf(parent), parent === '' ? 0 : -1);
      }
    }),
  );
});
