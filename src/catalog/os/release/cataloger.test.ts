import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import type { Distro } from '../../../package/distro.ts';
import { CatalogError } from '../../error.ts';
import { release } from './cataloger.ts';

const debian = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
`;

const stream = `NAME="CentOS Stream"
VERSION="9"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="9"
PRETTY_NAME="CentOS Stream 9"
`;

test('release reads the files that name a distribution', () => {
  const cases: readonly (readonly [string, string, number, Partial<Distro>])[] = [
    [
      'etc/os-release',
      debian,
      0,
      { id: 'debian', version: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)', codename: 'bookworm' },
    ],
    [
      'usr/lib/os-release',
      stream,
      1,
      { id: 'centos', version: '9', prettyName: 'CentOS Stream 9', idLike: ['rhel', 'fedora'] },
    ],
    ['etc/os-release', 'ID=Arch\nBUILD_ID=rolling\n', 0, { id: 'arch' }],
    ['etc/os-release', 'VERSION_ID=3\n', 0, { version: '3' }],
    ['etc/alpine-release', '3.19.1\n', 11, { id: 'alpine', version: '3.19.1' }],
    ['etc/alpine-release', '3.20.0_alpha20240329\n', 11, { id: 'alpine', version: '3.20.0_alpha20240329' }],
    ['etc/debian_version', '12.5\n', 18, { id: 'debian', version: '12.5' }],
    [
      'etc/debian_version',
      'bookworm/sid\n',
      18,
      { id: 'debian', codename: 'bookworm', prettyName: 'Debian GNU/Linux bookworm/sid' },
    ],
    [
      'etc/lsb-release',
      'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\nDISTRIB_DESCRIPTION="Ubuntu 22.04.4 LTS"\n',
      12,
      { id: 'ubuntu', version: '22.04', prettyName: 'Ubuntu 22.04.4 LTS', codename: 'jammy' },
    ],
    [
      'etc/centos-release',
      'CentOS Linux release 7.9.2009 (Core)\n',
      10,
      { id: 'centos', version: '7.9.2009', prettyName: 'CentOS Linux release 7.9.2009 (Core)' },
    ],
    [
      'etc/centos-release',
      'CentOS Stream release 9\n',
      10,
      { id: 'centos', version: '9', prettyName: 'CentOS Stream release 9' },
    ],
    [
      'etc/redhat-release',
      'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n',
      13,
      { id: 'rhel', version: '6.10', prettyName: 'Red Hat Enterprise Linux Server release 6.10 (Santiago)' },
    ],
    [
      'etc/rocky-release',
      'Rocky Linux release 9.3 (Blue Onyx)\n',
      10,
      { id: 'rocky', version: '9.3', prettyName: 'Rocky Linux release 9.3 (Blue Onyx)' },
    ],
    [
      'etc/almalinux-release',
      'AlmaLinux release 8.9 (Midnight Oncilla)\n',
      10,
      { id: 'almalinux', version: '8.9', prettyName: 'AlmaLinux release 8.9 (Midnight Oncilla)' },
    ],
    [
      'etc/oracle-release',
      'Oracle Linux Server release 8.9\n',
      10,
      { id: 'ol', version: '8.9', prettyName: 'Oracle Linux Server release 8.9' },
    ],
    [
      'etc/fedora-release',
      'Fedora release 39 (Thirty Nine)\n',
      10,
      { id: 'fedora', version: '39', prettyName: 'Fedora release 39 (Thirty Nine)' },
    ],
    [
      'etc/system-release',
      'Amazon Linux AMI release 2018.03\n',
      14,
      { id: 'amzn', version: '2018.03', prettyName: 'Amazon Linux AMI release 2018.03' },
    ],
    [
      'usr/lib/system-release',
      'Amazon Linux release 2023.4.20240528 (Amazon Linux)\n',
      15,
      { id: 'amzn', version: '2023.4.20240528', prettyName: 'Amazon Linux release 2023.4.20240528 (Amazon Linux)' },
    ],
    ['etc/system-release-cpe', 'cpe:2.3:o:amazon:amazon_linux:2\n', 16, { id: 'amzn', version: '2' }],
    ['etc/system-release-cpe', 'cpe:/o:redhat:enterprise_linux:8.4:ga\n', 16, { id: 'rhel', version: '8.4' }],
    ['etc/system-release-cpe', 'cpe:/o:centos:linux:7\n', 16, { id: 'centos', version: '7' }],
    [
      'etc/SuSE-release',
      'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n',
      10,
      { id: 'sles', version: '11.4', prettyName: 'SUSE Linux Enterprise Server 11 (x86_64)' },
    ],
    [
      'etc/SuSE-release',
      'openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin\n',
      10,
      { id: 'opensuse', version: '13.2', prettyName: 'openSUSE 13.2 (x86_64)' },
    ],
  ];
  for (const [path, text, rank, distro] of cases) {
    assert.deepEqual(release.read(catalogFile(path, text)), { facts: [{ kind: 'release', rank, distro }] }, text);
  }
});

test('release says nothing of files that name no distribution, or lie in another root', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['etc/os-release', ''],
    ['etc/os-release', 'ID="open\n'],
    ['etc/debian_version', 'kali-rolling\n'],
    ['etc/alpine-release', 'edge\n'],
    ['etc/redhat-release', 'Some Other Linux release 1\n'],
    ['etc/system-release-cpe', 'cpe:/o:acme:linux:1\n'],
    ['etc/lsb-release', 'LSB_VERSION=1.4\n'],
    ['usr/share/test/etc/os-release', debian],
    ['srv/chroot/etc/debian_version', '12.5\n'],
    ['usr/share/etc/apk/repositories', 'https://dl-cdn.alpinelinux.org/alpine/v3.19/main\n'],
  ];
  for (const [path, text] of cases) assert.deepEqual(release.read(catalogFile(path, text)), { facts: [] }, path);
});

test('release reads the branches of untagged Alpine repositories', () => {
  const text = `#https://dl-cdn.alpinelinux.org/alpine/edge/main
https://dl-cdn.alpinelinux.org/alpine/v3.19/main
https://dl-cdn.alpinelinux.org/alpine/v3.19/community
@testing https://dl-cdn.alpinelinux.org/alpine/edge/testing
/media/cdrom/apks
http://mirror.example.org/v3.20/main
`;
  for (const path of ['etc/apk/repositories', 'etc/apk/repositories.d/more.list']) {
    assert.deepEqual(release.read(catalogFile(path, text)).facts, [
      { kind: 'repository', branches: ['v3.19', 'v3.20'] },
    ]);
  }
  assert.deepEqual(release.read(catalogFile('etc/apk/repositories', 'https://apk.example.org/os\n')).facts, []);
});

test('release reads whether esm-infra is on', () => {
  const path = 'var/lib/ubuntu-advantage/status.json';
  const status = (state: string): string =>
    JSON.stringify({
      services: [
        { name: 'esm-apps', status: 'enabled' },
        { name: 'esm-infra', status: state },
      ],
    });
  assert.deepEqual(release.read(catalogFile(path, status('enabled'))).facts, [
    { kind: 'release', rank: 20, distro: { esm: true } },
  ]);
  for (const text of [status('disabled'), '{}', '[]', '{"services":{}}', '{"services":[null,1]}']) {
    assert.deepEqual(release.read(catalogFile(path, text)).facts, [], text);
  }
  assert.throws(
    () => release.read(catalogFile(path, '{')),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('release survives hostile bytes', () => {
  const paths = release.wants.flatMap((pattern) => ('path' in pattern ? [pattern.path] : []));
  assertSurvives([debian, stream, '12.5\n', 'bookworm/sid\n', 'CentOS Stream release 9\n'], (bytes) =>
    paths.filter((path) => path.startsWith('etc/')).map((path) => release.read(catalogFile(path, bytes))),
  );
});
