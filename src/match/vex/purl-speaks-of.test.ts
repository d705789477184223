import assert from 'node:assert/strict';
import test from 'node:test';
import { samplePackage } from '../../../testing/scan-report.ts';
import { parsePackageUrl } from '../../package/package-url.ts';
import type { InventoryPackage } from '../../package/package.ts';
import { purlSpeaksOf, purlTargetOf } from './purl-speaks-of.ts';

const lib = samplePackage('deb', 'libssl3', '1:3.0.11-1', 'var/lib/dpkg/status', {
  arch: 'amd64',
  source: { name: 'openssl', version: '3.0.11-1' },
});
const npm = samplePackage('npm', '@scope/name', '1.0.0', 'app/package.json');
const go = samplePackage('golang', 'golang.org/x/net', 'v0.1.0', 'usr/bin/tool');
const rpm: InventoryPackage = {
  ...samplePackage('rpm', 'openssl-libs', '1:3.0.7-18.el9', 'var/lib/rpm'),
  source: { name: 'openssl', version: '1:3.0.7-18.el9' },
  purl: 'pkg:rpm/redhat/openssl-libs@3.0.7-18.el9?arch=x86_64&distro=rhel-9.3&epoch=1&upstream=openssl',
};
const broken: InventoryPackage = { ...npm, purl: 'no purl' };

const table: readonly (readonly [stated: string, pkg: InventoryPackage, speaks: boolean])[] = [
  ['pkg:deb/debian/libssl3', lib, true],
  ['pkg:deb/debian/libssl3@1:3.0.11-1', lib, true],
  ['pkg:deb/debian/libssl3@3.0.11-1?epoch=1', lib, true],
  ['pkg:deb/debian/libssl3@3.0.11-1', lib, false],
  ['pkg:deb/debian/libssl3@1:3.0.12-1', lib, false],
  ['pkg:deb/debian/libssl3?arch=amd64', lib, true],
  ['pkg:deb/debian/libssl3?arch=arm64', lib, false],
  ['pkg:deb/debian/libssl3?distro=debian-12', lib, true],
  ['pkg:deb/debian/libssl3?distro=bookworm', lib, true],
  ['pkg:deb/debian/libssl3?distro=trixie', lib, false],
  ['pkg:deb/debian/libssl3?distro=debian-1', lib, false],
  ['pkg:deb/debian/libssl3?vcs_url=x', lib, false],
  ['pkg:deb/ubuntu/libssl3', lib, false],
  ['pkg:deb/debian/openssl', lib, false],
  ['pkg:deb/debian/openssl?arch=source', lib, true],
  ['pkg:deb/debian/openssl@3.0.11-1?arch=source&distro=bookworm', lib, true],
  ['pkg:deb/debian/openssl@3.0.12-1?arch=source', lib, false],
  ['pkg:deb/debian/libssl3?arch=source', lib, false],
  ['pkg:rpm/redhat/openssl-libs@3.0.7-18.el9?arch=x86_64&epoch=1', rpm, true],
  ['pkg:rpm/redhat/openssl-libs@1:3.0.7-18.el9', rpm, true],
  ['pkg:rpm/redhat/openssl-libs@3.0.7-18.el9', rpm, false],
  ['pkg:rpm/redhat/openssl-libs?distro=rhel-9', rpm, true],
  ['pkg:rpm/redhat/openssl-libs?distro=rhel-8', rpm, false],
  ['pkg:rpm/redhat/openssl@3.0.7-18.el9?arch=src&epoch=1', rpm, true],
  ['pkg:rpm/redhat/openssl?arch=src&epoch=2', rpm, false],
  ['pkg:npm/%40scope/name', npm, true],
  ['pkg:npm/%40scope/name@1.0.1', npm, false],
  ['pkg:npm/name', npm, false],
  ['pkg:npm/name?arch=source', npm, false],
  ['pkg:golang/golang.org/x/net@v0.1.0', go, true],
  ['pkg:golang/golang.org/x/net@0.1.0', go, true],
  ['pkg:golang/golang.org/x/net@0.1.1', go, false],
  ['pkg:golang/golang.org/x/net#html', go, false],
  ['pkg:oci/net', go, false],
];

for (const [stated, pkg, expected] of table) {
  test(`purlSpeaksOf() finds that ${stated} ${expected ? 'speaks' : 'does not speak'} of ${pkg.purl}`, () => {
    const target = purlTargetOf(pkg, 'bookworm');
    assert.ok(target !== undefined);
    assert.equal(purlSpeaksOf(parsePackageUrl(stated), target), expected);
  });
}

test('purlTargetOf() gives no target of a package whose package URL is none', () => {
  assert.equal(purlTargetOf(broken), undefined);
});
