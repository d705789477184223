import assert from 'node:assert/strict';
import test from 'node:test';
import { standardLibraryVersion } from './go-version.ts';

const versions: readonly (readonly [goVersion: string, expected: string | undefined])[] = [
  ['go1.22.1', '1.22.1'],
  ['go1.21', '1.21'],
  ['go1.21rc2', '1.21rc2'],
  ['go1.18beta1', '1.18beta1'],
  ['go1.22.1 X:boringcrypto', '1.22.1'],
  ['go1.22.1-X:nocoverageredesign', '1.22.1'],
  ['go1.20.12 (Red Hat 1.20.12-8.el9)', '1.20.12'],
  ['go1.19.4+vendor.3', '1.19.4'],
  ['go1.22.3-bigcorp1', '1.22.3'],
  ['devel go1.23-67a99c8 Tue Apr 2 10:00:00 2024 +0000', '1.23-devel-67a99c8'],
  ['devel +5ba8f5c Mon Jan 1', undefined],
  ['go', undefined],
  ['gomobile', undefined],
  ['go1.2.3.4', undefined],
];

for (const [goVersion, expected] of versions) {
  test(`standardLibraryVersion() reads ${goVersion}`, () => assert.equal(standardLibraryVersion(goVersion), expected));
}
