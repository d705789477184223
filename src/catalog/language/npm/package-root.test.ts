import assert from 'node:assert/strict';
import test from 'node:test';
import { isPackageManifest } from './package-root.ts';

const paths: readonly (readonly [string, boolean])[] = [
  ['app/node_modules/accepts/package.json', true],
  ['app/node_modules/@types/node/package.json', true],
  ['app/node_modules/a/node_modules/b/package.json', true],
  ['app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', true],
  ['app/node_modules/.pnpm/@s+a@1.0.0/node_modules/@s/a/package.json', true],
  ['node_modules/a/package.json', true],
  ['package.json', true],
  ['app/package.json', true],
  ['usr/share/nodejs/npm/package.json', true],
  ['app/my_node_modules/a/lib/package.json', true],
  ['app/node_modules/package.json', false],
  ['app/node_modules/a/lib/package.json', false],
  ['app/node_modules/a/dist/esm/package.json', false],
  ['app/node_modules/@types/package.json', false],
  ['app/node_modules/@types/node/ts4.8/package.json', false],
  ['app/node_modules/.cache/package.json', false],
  ['app/node_modules/.bin/a/package.json', false],
  ['app/node_modules/.pnpm/a@1.0.0/package.json', false],
];

for (const [path, expected] of paths) {
  test(`isPackageManifest() ${expected ? 'takes' : 'leaves'} ${path}`, () => {
    assert.equal(isPackageManifest(path), expected);
  });
}
