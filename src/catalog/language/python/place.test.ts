import assert from 'node:assert/strict';
import test from 'node:test';
import { metadataPlace } from './place.ts';

const paths: readonly (readonly [string, 'metadata' | 'egg' | undefined])[] = [
  ['usr/lib/python3/dist-packages/pip-23.0.1.dist-info/METADATA', 'metadata'],
  ['app/X.DIST-INFO/METADATA', 'metadata'],
  ['usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO', 'metadata'],
  ['usr/lib/python3/dist-packages/six-1.16.0.egg-info', 'metadata'],
  ['usr/lib/python3/dist-packages/a-1.0-py3.9.egg/EGG-INFO/PKG-INFO', 'metadata'],
  ['EGG-INFO/PKG-INFO', 'metadata'],
  ['usr/lib/python3/dist-packages/a-1.0-py3.9.egg', 'egg'],
  ['src/a-1.0/PKG-INFO', undefined],
  ['opt/METADATA', undefined],
  ['opt/a.dist-info/METADATA/x', undefined],
  ['opt/a.egg-info/requires.txt', undefined],
  ['opt/a.dist-info/PKG-INFO', undefined],
  ['opt/NOT-EGG-INFO/PKG-INFO', undefined],
];

for (const [path, expected] of paths) {
  test(`metadataPlace() gives ${String(expected)} for ${path}`, () => {
    assert.equal(metadataPlace(path), expected);
  });
}
