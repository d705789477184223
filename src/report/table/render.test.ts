import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { ScanReport } from '../../finding/scan-report.ts';
import { sampleFinding, samplePackage, sampleReport } from '../../../testing/scan-report.ts';
import { displayWidth } from '../text/display-width.ts';
import { tableReport } from './render.ts';

function render(reports: readonly ScanReport[], width: number, colour: boolean = false): string {
  return tableReport.render(reports, { version: '1', width, colour, listAllPackages: false });
}

test('tableReport shows everything at 80 columns', () => {
  assert.equal(
    render([sampleReport()], 80),
    `shop:1.4
Debian GNU/Linux 12 (bookworm) · linux/amd64 · 5 packages
sha256:2222222222222222222222222222222222222222222222222222222222222222

shop:1.4 (debian 12)
====================
Total: 2 (UNKNOWN: 0, LOW: 1, MEDIUM: 0, HIGH: 0, CRITICAL: 1)

Library  Vulnerability  Severity  Status    Installed         Fixed
───────  ─────────────  ────────  ────────  ────────────────  ────────────────
libssl3  CVE-2024-5535  CRITICAL  fixed     3.0.11-1~deb12u2  3.0.14-1~deb12u2
    openssl: SSL_select_next_proto buffer overread
tar      CVE-2005-2541  LOW       affected  1.34+dfsg-1.2     -
    tar: setuid on extract

usr/local/bin/tool (gobinary)
=============================
Total: 1 (UNKNOWN: 0, LOW: 0, MEDIUM: 1, HIGH: 0, CRITICAL: 0)

Library  Vulnerability   Severity  Status  Installed  Fixed
───────  ──────────────  ────────  ──────  ─────────  ───────────────
stdlib   CVE-2024-24790  MEDIUM    fixed   1.22.1     1.21.11, 1.22.4

Java (jar)
==========
Total: 1 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1)

Library            Vulnerability   Severity  Status  Installed  Fixed
─────────────────  ──────────────  ────────  ──────  ─────────  ────────────────
org.apache.        CVE-2021-44228  CRITICAL  fixed   2.14.1     2.15.0, 2.12.2,
logging.log4j:                                                  2.3.1
log4j-core
    [exploited, ransomware] Remote code injection in Log4j
    app/shop.jar/BOOT-INF/lib/log4j-core-2.14.1.jar

Without findings, as far as could be looked at:
  - Node.js (node-pkg): 1 package

Could not look at:
  - app/broken.jar: The archive has no central directory. [MALFORMED]

Set aside: 1 finding (1 by .trivyignore).

Vulnerability database of 2025-01-01T00:00:00Z
`,
  );
});

test('tableReport shows titles beside their rows where there is room', () => {
  const lines = render([sampleReport()], 120).split('\n');
  const at = lines.findIndex((line) => line.startsWith('Library'));
  assert.deepEqual(lines.slice(at, at + 5), [
    'Library  Vulnerability  Severity  Status    Installed         Fixed             Title',
    '───────  ─────────────  ────────  ────────  ────────────────  ────────────────  ────────────────────────────────────────',
    'libssl3  CVE-2024-5535  CRITICAL  fixed     3.0.11-1~deb12u2  3.0.14-1~deb12u2  openssl: SSL_select_next_proto buffer',
    '                                                                                overread',
    'tar      CVE-2005-2541  LOW       affected  1.34+dfsg-1.2     -                 tar: setuid on extract',
  ]);
});

test('tableReport colours words and nothing else', () => {
  const coloured = render([sampleReport()], 80, true);
  assert.equal(stripVTControlCharacters(coloured), render([sampleReport()], 80));
  assert.match(coloured, /\u001b\[1m\u001b\[31mCRITICAL\u001b\[39m\u001b\[22m {2}fixed/);
  assert.match(coloured, /\u001b\[34mLOW: 1\u001b\[39m/);
});

test('tableReport sums up several images', () => {
  const clean = sampleReport({
    artifact: { name: 'base:2', type: 'container_image' },
    findings: [],
    suppressed: [],
    problems: [{ code: 'LAYER', subject: 'layer 2', message: 'It is cut off.', incomplete: true }],
    endOfLife: true,
  });
  assert.equal(
    render([sampleReport({ problems: [] }), clean], 80)
      .split('\n\n\n')
      .at(-1),
    `Summary
=======
Image     Packages  CRITICAL  HIGH  MEDIUM  LOW  UNKNOWN  Note
────────  ────────  ────────  ────  ──────  ───  ───────  ──────────────────────
shop:1.4         5         2     0       1    1        0
base:2           5         0     0       0    0        0  incomplete, end of
                                                          life
`,
  );
});

const words: readonly (readonly [what: string, report: ScanReport, expected: RegExp])[] = [
  [
    'an image without packages',
    sampleReport({ inventory: { packages: [], problems: [] }, findings: [], suppressed: [] }),
    /\nNo packages were found, so there was nothing to look up\.\n/,
  ],
  [
    'a scan without a database',
    sampleReport({ findings: [], database: undefined as never }),
    /\nNo vulnerability database was asked: packages are listed, not checked\.\n/,
  ],
  [
    'a layer that could not be read',
    sampleReport({ problems: [{ code: 'CUT', subject: 'sha256:12', message: 'It is cut off.', incomplete: true }] }),
    /\nCould not look at \(packages may be missing above\):\n {2}- sha256:12: It is cut off\. \[CUT, incomplete\]\n/,
  ],
  [
    'a scan that missed nothing',
    sampleReport({ problems: [] }),
    /\nWithout findings:\n {2}- Node\.js \(node-pkg\): 1 package\n/,
  ],
  [
    'a distribution without updates',
    sampleReport({ endOfLife: true }),
    /\nDebian GNU\/Linux 12 \(bookworm\) gets no more security updates: [^.]+\.\n/,
  ],
];

for (const [what, report, expected] of words) {
  test(`tableReport tells of ${what}`, () => assert.match(render([report], 200), expected));
}

test('tableReport neutralises what an image wants the terminal to do', () => {
  const hostile = '\u001b]0;owned\u0007\u001b[2J\u202Eevil\nnext';
  const pkg = samplePackage('npm', hostile, hostile, hostile);
  const report = sampleReport({
    artifact: { name: hostile, type: 'filesystem' },
    inventory: { distro: { id: hostile, version: hostile, idLike: [] }, packages: [pkg], problems: [] },
    findings: [sampleFinding(pkg, hostile, { title: hostile, fixedVersions: [hostile] })],
    suppressed: [],
    problems: [{ code: hostile, subject: hostile, message: hostile }],
    database: { builtAt: hostile, schemaVersion: 1 },
    endOfLife: true,
  });
  for (const width of [20, 80, 300]) {
    assert.doesNotMatch(render([report, report], width), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});

test('tableReport keeps ids and versions whole in sum, and lines within the width', () => {
  const pkg = samplePackage(
    'maven',
    `org.example.${'long-'.repeat(20)}:漢字`,
    '1.0.0-alpha+build.20240101.sha.abcdef0123456789',
    'a.jar',
  );
  const finding = sampleFinding(pkg, 'GHSA-aaaa-bbbb-cccc', {
    severity: 'CRITICAL',
    status: 'under_investigation',
    fixedVersions: ['1.0.1', '2.0.0-rc.1+build.20240202'],
    title: '漢字'.repeat(200),
  });
  const report = sampleReport({ findings: [finding], suppressed: [], inventory: { packages: [pkg], problems: [] } });
  for (const width of [80, 100, 160]) {
    const lines = render([report], width).split('\n');
    for (const line of lines) assert.ok(displayWidth(line) <= width, line);
    const header = lines.findIndex((line) => line.startsWith('Library'));
    const start = (lines[header] as string).indexOf('Installed');
    const end = (lines[header] as string).indexOf('Fixed');
    const cells = lines.slice(
      header + 2,
      lines.findIndex((line, index) => index > header + 2 && line.startsWith('    漢')),
    );
    const installed = cells.map((line) =>
      line.slice(start - line.replace(/[^漢字]/g, '').length, end - line.replace(/[^漢字]/g, '').length),
    );
    assert.ok(installed.join('').replaceAll(' ', '').includes(pkg.version), String(width));
  }
});

test('tableReport wraps the headings of long names', () => {
  const name = `registry.example.com/${'a-long-team/'.repeat(6)}shop:1.4`;
  const report = sampleReport();
  for (const line of render([{ ...report, artifact: { ...report.artifact, name } }], 80).split('\n')) {
    assert.ok(displayWidth(line) <= 80, line);
  }
});

test('tableReport tells of some of many problems that are alike, and counts the rest', () => {
  const broken = Array.from({ length: 200_000 }, (_, at) => ({
    code: 'MALFORMED',
    subject: `${at}.jar`,
    message: 'Broken',
  }));
  const lost = { code: 'LAYER_MISSING', subject: 'layer', message: 'Gone', incomplete: true } as const;
  const lines = render([sampleReport({ problems: [...broken, lost] })], 80).split('\n');
  assert.equal(lines.filter((line) => line.includes('Broken [MALFORMED]')).length, 50);
  assert.ok(lines.includes('  - and 199950 more, which the JSON report lists [MALFORMED]'));
  assert.ok(lines.includes('  - layer: Gone [LAYER_MISSING, incomplete]'));
});

test('tableReport shows more findings than a call takes arguments', () => {
  const { findings } = sampleReport();
  const many = Array.from({ length: 150_000 }, () => findings[0] as (typeof findings)[0]);
  assert.match(render([sampleReport({ findings: many })], 80), /^Total: 150000 /m);
});
