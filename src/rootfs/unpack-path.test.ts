import assert from 'node:assert/strict';
import test from 'node:test';
import { unpackPath } from './unpack-path.ts';

const links: Readonly<Record<string, string>> = {
  lib: 'usr/lib',
  abs: '/usr/lib',
  gone: 'no/where',
  up: '../../../etc',
  one: 'two',
  two: 'a/b',
  'a/b/c': '../x',
  a2: 'lib/../y',
  loose: 'lib/../x',
  self: 'self',
  'd/in': 'it',
};

const cases: readonly (readonly [path: string, unpacked: string | undefined])[] = [
  ['', ''],
  ['usr/lib', 'usr/lib'],
  ['lib', 'usr/lib'],
  ['lib/x/y', 'usr/lib/x/y'],
  ['abs/x', 'usr/lib/x'],
  ['gone/x', 'no/where/x'],
  ['up/x', 'etc/x'],
  ['one/x', 'a/b/x'],
  // By the text of the first link, whatever that is.
  ['lib/../x', 'usr/x'],
  ['one/..', ''],
  ['a2/x', 'y/x'],
  ['a/b/c/d', 'a/x/d'],
  ['./d//in/./x', 'd/it/x'],
  ['../../lib', 'usr/lib'],
  // Walked anew where the link is all there is, cleaned where more comes.
  ['loose', 'usr/x'],
  ['loose/y', 'x/y'],
  ['/loose', 'x'],
  ['self/x', undefined],
];

for (const [path, unpacked] of cases) {
  test(`unpackPath() leads ${JSON.stringify(path)} to ${JSON.stringify(unpacked)}`, () => {
    assert.equal(
      unpackPath(path, (at) => links[at]),
      unpacked,
    );
  });
}
