import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { Distro } from './distro.ts';
import { formatPackageUrl, parsePackageUrl } from './package-url.ts';
import type { Package, PackageType } from './package.ts';
import { packageOfPurl, purlOfPackage, type PurlFields } from './purl-of-package.ts';

const debian: Distro = { id: 'debian', version: '12', idLike: [] };
const rhel: Distro = { id: 'rhel', version: '9.4', idLike: ['fedora'] };
const alpine: Distro = { id: 'alpine', version: '3.19.1', idLike: [] };

function pkg(type: PackageType, name: string, version: string, more: Partial<Package> = {}): Package {
  return { type, name, version, licenses: [], cataloger: 'test', ...more };
}

const written: readonly (readonly [Package, Distro | undefined, string])[] = [
  [
    pkg('deb', 'libc6', '2.36-9', { arch: 'amd64', source: { name: 'glibc', version: '2.36-9' } }),
    debian,
    'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc',
  ],
  [
    pkg('deb', 'gcc', '4:12.2.0-3', { source: { name: 'gcc-defaults', version: '1.203' } }),
    { id: 'ubuntu', version: '22.04', idLike: ['debian'] },
    'pkg:deb/ubuntu/gcc@4:12.2.0-3?distro=ubuntu-22.04&upstream=gcc-defaults%401.203',
  ],
  [pkg('deb', 'curl', '8', { source: { name: 'curl', version: '8' } }), undefined, 'pkg:deb/linux/curl@8'],
  [
    pkg('rpm', 'nodejs', '1:16.20.2-3.el9', {
      arch: 'x86_64',
      source: { name: 'nodejs', version: '1:16.20.2-3.el9' },
      modularityLabel: 'nodejs:16:9020020230327152102:rhel9',
    }),
    rhel,
    'pkg:rpm/redhat/nodejs@16.20.2-3.el9?arch=x86_64&distro=rhel-9.4&epoch=1&modularitylabel=nodejs:16:9020020230327152102:rhel9',
  ],
  [
    pkg('apk', 'libcrypto3', '3.1.4-r5', { arch: 'x86_64', source: { name: 'openssl', version: '3.1.4-r5' } }),
    alpine,
    'pkg:apk/alpine/libcrypto3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1&upstream=openssl',
  ],
  [
    pkg('apk', 'busybox', '1.36-r0'),
    { id: 'wolfi', version: '20230201', idLike: [] },
    'pkg:apk/wolfi/busybox@1.36-r0?distro=wolfi-20230201',
  ],
  [
    pkg('opkg', 'busybox', '1.36.1-1'),
    { id: 'openwrt', version: '', idLike: [] },
    'pkg:opkg/busybox@1.36.1-1?distro=openwrt',
  ],
  [pkg('golang', 'github.com/Azure/go-autorest', 'v14.2.0'), alpine, 'pkg:golang/github.com/Azure/go-autorest@v14.2.0'],
  [pkg('golang', 'stdlib', '1.22.1'), alpine, 'pkg:golang/stdlib@1.22.1'],
  [pkg('maven', 'org.apache.commons:commons-text', '1.9'), undefined, 'pkg:maven/org.apache.commons/commons-text@1.9'],
  [pkg('maven', 'tool', '1'), undefined, 'pkg:maven/tool/tool@1'],
  [pkg('npm', '@babel/core', '7.0.0'), undefined, 'pkg:npm/%40babel/core@7.0.0'],
  [pkg('npm', 'JSONStream', '1.3.5'), undefined, 'pkg:npm/JSONStream@1.3.5'],
  [pkg('composer', 'Guzzlehttp/Promises', '2.0.2'), undefined, 'pkg:composer/guzzlehttp/promises@2.0.2'],
  [pkg('pypi', 'Typing_Extensions', '4.9.0'), undefined, 'pkg:pypi/typing-extensions@4.9.0'],
  [
    pkg('pypi', 'x', '1', { qualifiers: { vcs_url: 'git+https://h/x@c', 'not a key': 'y' } }),
    undefined,
    'pkg:pypi/x@1?vcs_url=git%2Bhttps:%2F%2Fh%2Fx%40c',
  ],
  [pkg('nuget', 'Newtonsoft.Json', '13.0.1'), undefined, 'pkg:nuget/Newtonsoft.Json@13.0.1'],
  [pkg('gem', 'rake', '13.0.6'), undefined, 'pkg:gem/rake@13.0.6'],
  [pkg('cargo', 'rand', '0.8.5'), undefined, 'pkg:cargo/rand@0.8.5'],
  [pkg('generic', 'java/jre', '17.0.9+9'), undefined, 'pkg:generic/java%2Fjre@17.0.9%2B9'],
  [
    pkg('bitnami', 'WordPress', '6.2.0-3', { arch: 'arm64' }),
    debian,
    'pkg:bitnami/wordpress@6.2.0-3?arch=arm64&distro=debian-12',
  ],
  [pkg('npm', '', ''), undefined, 'pkg:npm/unnamed'],
  [pkg('composer', '//', '1'), undefined, 'pkg:composer/unknown/%2F%2F@1'],
];

for (const [value, distro, purl] of written) {
  test(`purlOfPackage() writes ${purl}`, () => {
    assert.equal(purlOfPackage(value, distro), purl);
  });
}

const none: PurlFields | undefined = undefined;
const read: readonly (readonly [string, PurlFields | undefined, (readonly [string, string, string?])?])[] = [
  [
    'pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc',
    { type: 'deb', name: 'libc6', version: '2.36-9', arch: 'amd64', source: { name: 'glibc', version: '2.36-9' } },
    ['debian', '12'],
  ],
  // Trivy: epoch as a qualifier, release with a point.
  [
    'pkg:deb/debian/vim@9.0-2?distro=debian-12.5&epoch=2',
    { type: 'deb', name: 'vim', version: '2:9.0-2' },
    ['debian', '12.5'],
  ],
  ['pkg:apk/alpine/zlib@1.3-r2?distro=3.19.1', { type: 'apk', name: 'zlib', version: '1.3-r2' }, ['alpine', '3.19.1']],
  [
    'pkg:rpm/oracle/bash@5.1-6?distro=oracle-9.3&epoch=0',
    { type: 'rpm', name: 'bash', version: '5.1-6' },
    ['ol', '9.3'],
  ],
  [
    'pkg:rpm/amazon/bash@5.1-6?distro=amazon-2%20%28Karoo%29',
    { type: 'rpm', name: 'bash', version: '5.1-6' },
    ['amzn', '2'],
  ],
  [
    'pkg:rpm/opensuse.leap/bash@5?distro=opensuse.leap-15.5',
    { type: 'rpm', name: 'bash', version: '5' },
    ['opensuse-leap', '15.5'],
  ],
  // Syft: the source rpm's file, the module, distribution ids with dashes.
  [
    'pkg:rpm/redhat/glibc-common@2.34-83.el9?arch=x86_64&distro=rhel-9.3&epoch=1&upstream=glibc-2.34-83.el9.src.rpm&rpmmod=m:1',
    {
      type: 'rpm',
      name: 'glibc-common',
      version: '1:2.34-83.el9',
      arch: 'x86_64',
      source: { name: 'glibc', version: '1:2.34-83.el9' },
      modularityLabel: 'm:1',
    },
    ['rhel', '9.3'],
  ],
  [
    'pkg:rpm/opensuse/bash@5?distro=opensuse-leap-15.5',
    { type: 'rpm', name: 'bash', version: '5' },
    ['opensuse-leap', '15.5'],
  ],
  [
    'pkg:rpm/opensuse/bash@5?distro=opensuse-tumbleweed',
    { type: 'rpm', name: 'bash', version: '5' },
    ['opensuse-tumbleweed', ''],
  ],
  // Snyk: the epoch in both places, the source with its version.
  [
    'pkg:rpm/centos/vim@2:8.0-1?distro=centos-8&epoch=2&upstream=vim%402:8.0-1&module=vim:8',
    {
      type: 'rpm',
      name: 'vim',
      version: '2:8.0-1',
      source: { name: 'vim', version: '2:8.0-1' },
      modularityLabel: 'vim:8',
    },
    ['centos', '8'],
  ],
  // The specification's own examples.
  [
    'pkg:deb/debian/curl@7.50.3-1?distro=jessie',
    { type: 'deb', name: 'curl', version: '7.50.3-1' },
    ['debian', '', 'jessie'],
  ],
  ['pkg:deb/debian/curl@7?distro=debian-sid', { type: 'deb', name: 'curl', version: '7' }, ['debian', '', 'sid']],
  ['pkg:apk/alpine/curl@7?distro=alpine-edge', { type: 'apk', name: 'curl', version: '7' }, ['alpine', 'edge']],
  ['pkg:deb/ubuntu/dpkg@1.19.0.4', { type: 'deb', name: 'dpkg', version: '1.19.0.4' }, ['ubuntu', '']],
  ['pkg:golang/github.com/a/b@v1.0.0#sub', { type: 'golang', name: 'github.com/a/b', version: 'v1.0.0' }],
  ['pkg:maven/g.h/a@1?type=jar', { type: 'maven', name: 'g.h:a', version: '1', qualifiers: { type: 'jar' } }],
  ['pkg:npm/%40s/n@1?package-id=00aa&cpes=x', { type: 'npm', name: '@s/n', version: '1' }],
  ['pkg:generic/a/b', { type: 'generic', name: 'a/b', version: '' }],
  ['pkg:github/a/b@1', none],
];

for (const [purl, fields, distro] of read) {
  test(`packageOfPurl() reads ${purl}`, () => {
    const expectedDistro = distro && {
      id: distro[0],
      version: distro[1],
      ...(distro[2] === undefined ? {} : { codename: distro[2] }),
      idLike: [],
    };
    const expected = fields && { package: fields, ...(expectedDistro && { distro: expectedDistro }) };
    assert.deepEqual(packageOfPurl(purl), expected);
  });
}

test('purlOfPackage() never throws and always writes the canonical form', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('', '/', '@a/', '@a/b', 'g:a', ':', 'a/b/c', '1:2', '\ud800', '%', 'Ä'),
  );
  const types = ['apk', 'bitnami', 'composer', 'deb', 'golang', 'maven', 'npm', 'opkg', 'pypi', 'rpm'] as const;
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.array(text, { minLength: 9, maxLength: 9 }), (type, texts) => {
      const [name, version, arch, sourceName, sourceVersion, key, value, id, release] = texts as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const source = { name: sourceName, version: sourceVersion };
      const value_ = pkg(type, name, version, { arch, source, qualifiers: { [key]: value } });
      const purl = purlOfPackage(value_, { id, version: release, idLike: [] });
      assert.equal(formatPackageUrl(parsePackageUrl(purl)), purl);
      assert.equal(packageOfPurl(purl)?.package.type, type);
    }),
    { numRuns: 1000 },
  );
});
