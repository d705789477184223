import assert from 'node:assert/strict';
import test from 'node:test';
import { parsePackageUrl } from '../../package/package-url.ts';
import { purlCovers } from './purl-covers.ts';

const deb = 'pkg:deb/debian/tar@1.34?arch=amd64&distro=debian-12';
const go = 'pkg:golang/github.com/a/b@v1.2.3#cmd/x';

const table: readonly (readonly [rule: string, target: string, covers: boolean])[] = [
  ['pkg:deb/debian/tar', deb, true],
  ['pkg:deb/debian/tar@1.34', deb, true],
  ['pkg:deb/debian/tar@1.35', deb, false],
  ['pkg:deb/debian/tar?arch=amd64', deb, true],
  ['pkg:deb/debian/tar?arch=arm64', deb, false],
  ['pkg:deb/debian/tar?epoch=1', deb, false],
  ['pkg:deb/ubuntu/tar', deb, false],
  ['pkg:generic/a', 'pkg:generic/space/a@1', false],
  ['pkg:apk/debian/tar', deb, false],
  ['pkg:deb/debian/tarx', deb, false],
  ['pkg:npm/%40scope/name', 'pkg:npm/%40scope/name@1.0.0', true],
  ['pkg:npm/name', 'pkg:npm/%40scope/name@1.0.0', false],
  ['pkg:golang/github.com/a/b', go, true],
  ['pkg:golang/github.com/a/b#cmd/x', go, true],
  ['pkg:golang/github.com/a/b#cmd/y', go, false],
];

for (const [rule, target, expected] of table) {
  test(`purlCovers() finds that ${rule} ${expected ? 'covers' : 'does not cover'} ${target}`, () => {
    assert.equal(purlCovers(parsePackageUrl(rule), parsePackageUrl(target)), expected);
  });
}
