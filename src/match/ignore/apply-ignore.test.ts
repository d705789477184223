import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleFinding, samplePackage } from '../../../testing/scan-report.ts';
import { applyIgnore, type IgnoreOutcome } from './apply-ignore.ts';
import { parseTrivyIgnore } from './parse-trivy-ignore.ts';
import { parseTrivyIgnoreYaml } from './parse-trivy-ignore-yaml.ts';

const tar = samplePackage('deb', 'tar', '1.34', 'var/lib/dpkg/status', { arch: 'amd64' });
const log4j = samplePackage('maven', 'org.apache:log4j', '2.14.1', 'app/shop.jar!/lib/log4j.jar');
const inTar = sampleFinding(tar, 'CVE-1', { vendorIds: ['DSA-1-1'] });
const inLog4j = sampleFinding(log4j, 'CVE-1', { aliases: ['GHSA-1'] });
const other = sampleFinding(tar, 'CVE-2', { vendorIds: ['DSA-1-1'] });
const all = [inTar, inLog4j, other];
const now = new Date('2025-03-01T12:00:00Z');

function suppressedIn({ suppressed }: IgnoreOutcome): number[] {
  return suppressed.map(({ finding }) => all.indexOf(finding));
}

const plain: readonly (readonly [
  what: string,
  text: string,
  suppressed: readonly number[],
  expired: readonly string[],
  unused: readonly string[],
])[] = [
  ['keeps all without rules', '', [], [], []],
  ['goes by the id shown', 'CVE-1', [0, 1], [], []],
  ['compares ids exactly', 'cve-1\nCVE-11\nCVE', [], [], ['cve-1', 'CVE-11', 'CVE']],
  ['goes by an alias', 'GHSA-1', [1], [], []],
  ['goes by the id of a vendor, for every flaw that it names', 'DSA-1-1', [0, 2], [], []],
  ['drops a rule whose day was', 'CVE-1 exp:2025-02-28', [], ['CVE-1'], []],
  ['drops a rule whose day has begun', 'CVE-1 exp:2025-03-01', [], ['CVE-1'], []],
  ['follows a rule whose day is to come', 'CVE-1 exp:2025-03-02', [0, 1], [], []],
  ['lists expired rules that nothing needs', 'CVE-9 exp:2025-01-01', [], ['CVE-9'], []],
  ['follows a later rule for the same id', 'CVE-1 exp:2025-01-01\nCVE-1', [0, 1], ['CVE-1'], []],
  ['tells which rules matched nothing', 'CVE-1\nCVE-9\nCVE-2', [0, 1, 2], [], ['CVE-9']],
];

for (const [what, text, suppressed, expired, unused] of plain) {
  test(`applyIgnore() ${what}`, () => {
    const outcome = applyIgnore(all, parseTrivyIgnore(text), { now });
    assert.deepEqual(suppressedIn(outcome), suppressed);
    assert.deepEqual(
      outcome.kept,
      all.filter((_, index) => !suppressed.includes(index)),
    );
    assert.deepEqual(
      outcome.expired.map(({ id }) => id),
      expired,
    );
    assert.deepEqual(
      outcome.unused.map(({ id }) => id),
      unused,
    );
  });
}

test('applyIgnore() lets a rule hold at the very instant of its date', () => {
  const rules = parseTrivyIgnore('CVE-1 exp:2025-03-01');
  assert.equal(applyIgnore(all, rules, { now: new Date('2025-03-01T00:00:00.000Z') }).suppressed.length, 2);
  assert.equal(applyIgnore(all, rules, { now: new Date('2025-03-01T00:00:00.001Z') }).suppressed.length, 0);
});

const fields: readonly (readonly [what: string, fields: string, suppressed: readonly number[]])[] = [
  ['paths as they are written', 'paths: ["app/shop.jar!/lib/log4j.jar"]', [1]],
  ['paths in archives with a plain slash', 'paths: ["app/shop.jar/lib/*.jar"]', [1]],
  ['paths from the root', 'paths: ["/app/**"]', [1]],
  ['paths of a package database', 'paths: ["var/lib/dpkg/status"]', [0]],
  ['one of several paths', 'paths: ["nowhere", "**/log4j.jar"]', [1]],
  ['no path that differs', 'paths: ["app"]', []],
  ['the heading of the result', 'paths: ["debian:12 (*)"]', [0]],
  ['a purl without a version', 'purls: ["pkg:deb/debian/tar"]', [0]],
  ['a purl with the version', 'purls: ["pkg:deb/debian/tar@1.34?arch=amd64"]', [0]],
  ['no purl with another version', 'purls: ["pkg:deb/debian/tar@1.35"]', []],
  ['paths and purls that both match', 'paths: ["**"], purls: ["pkg:maven/org.apache/log4j"]', [1]],
  ['neither when one does not', 'paths: ["var/**"], purls: ["pkg:maven/org.apache/log4j"]', []],
  ['everything where lists are empty', 'paths: [], purls: []', [0, 1]],
];

for (const [what, text, suppressed] of fields) {
  test(`applyIgnore() matches ${what}`, async () => {
    const rules = await parseTrivyIgnoreYaml(`vulnerabilities: [{id: CVE-1, ${text}}]`);
    const targetOf = (finding: unknown): string => (finding === inTar ? 'debian:12 (debian 12.5)' : 'Java');
    assert.deepEqual(suppressedIn(applyIgnore(all, rules, { now, targetOf })), suppressed);
  });
}

test('applyIgnore() takes the first rule of the file that matches, and tells source, status and statement', async () => {
  const text =
    'vulnerabilities:\n- {id: GHSA-1, paths: [nowhere]}\n- {id: GHSA-1, statement: first}\n- {id: CVE-1, statement: second}\n';
  const { suppressed, unused } = applyIgnore([inLog4j], await parseTrivyIgnoreYaml(text, 'x.yaml'), { now });
  assert.deepEqual(suppressed, [{ finding: inLog4j, status: 'ignored', source: 'x.yaml', statement: 'first' }]);
  assert.deepEqual(
    unused.map(({ line }) => line),
    [2, 4],
  );
});

test('applyIgnore() leaves rules about other things alone', async () => {
  const rules = await parseTrivyIgnoreYaml(
    'secrets: [{id: CVE-1}]\nlicenses: [{id: CVE-1}]\nmisconfigurations: [{id: CVE-1}]',
  );
  const outcome = applyIgnore(all, rules, { now });
  assert.deepEqual([outcome.kept, outcome.unused], [all, []]);
});

test('applyIgnore() covers no package whose purl cannot be read when the rule names purls', async () => {
  const broken = sampleFinding({ ...tar, purl: 'no purl' }, 'CVE-1');
  const rules = await parseTrivyIgnoreYaml('vulnerabilities: [{id: CVE-1, purls: ["pkg:deb/debian/tar"]}]');
  assert.deepEqual(applyIgnore([broken], rules, { now }).kept, [broken]);
});
