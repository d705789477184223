import assert from 'node:assert/strict';
import test from 'node:test';
import type { PackageType } from '../package/package.ts';
import { sampleFinding, samplePackage, sampleReport } from '../../testing/scan-report.ts';
import { groupTargets } from './group-targets.ts';
import { osFamily } from './os-family.ts';

test('groupTargets() makes the groups that Trivy makes', () => {
  assert.deepEqual(
    groupTargets(sampleReport()).map((group) => [
      group.class,
      group.type,
      group.target,
      group.packages.map(({ name }) => name),
      group.findings.map(({ id }) => id),
      group.suppressed.length,
    ]),
    [
      ['os-pkgs', 'debian', 'shop:1.4 (debian 12)', ['libssl3', 'tar'], ['CVE-2024-5535', 'CVE-2005-2541'], 0],
      ['lang-pkgs', 'gobinary', 'usr/local/bin/tool', ['stdlib'], ['CVE-2024-24790'], 0],
      ['lang-pkgs', 'jar', 'Java', ['org.apache.logging.log4j:log4j-core'], ['CVE-2021-44228'], 0],
      ['lang-pkgs', 'node-pkg', 'Node.js', ['lodash'], [], 1],
    ],
  );
});

const languages: readonly (readonly [PackageType, string, string])[] = [
  ['bitnami', 'bitnami', 'dir/file'],
  ['cargo', 'rustbinary', 'dir/file'],
  ['composer', 'composer-vendor', 'dir/file'],
  ['gem', 'gemspec', 'Ruby'],
  ['generic', 'generic', 'dir/file'],
  ['nuget', 'dotnet-core', 'dir/file'],
  ['pypi', 'python-pkg', 'Python'],
];

for (const [kind, type, target] of languages) {
  test(`groupTargets() shows ${kind} packages as ${type} under ${target}`, () => {
    const packages = [samplePackage(kind, 'p', '1', 'dir/file')];
    const [group] = groupTargets(sampleReport({ inventory: { packages, problems: [] }, findings: [], suppressed: [] }));
    assert.deepEqual([group?.class, group?.type, group?.target], ['lang-pkgs', type, target]);
  });
}

test('groupTargets() shows a distribution without packages, and packages without a distribution', () => {
  const none = { findings: [], suppressed: [] };
  const empty = groupTargets(
    sampleReport({
      ...none,
      inventory: { distro: { id: 'wolfi', version: '', idLike: [] }, packages: [], problems: [] },
    }),
  );
  assert.deepEqual(
    empty.map(({ target, type }) => [target, type]),
    [['shop:1.4 (wolfi)', 'wolfi']],
  );
  const packages = [samplePackage('opkg', 'busybox', '1', 'usr/lib/opkg/status')];
  const unnamed = groupTargets(sampleReport({ ...none, inventory: { packages, problems: [] } }));
  assert.deepEqual(
    unnamed.map(({ target, type }) => [target, type]),
    [['shop:1.4', 'linux']],
  );
});

test('groupTargets() sorts by name, version, severity, id and path', () => {
  const a1 = samplePackage('npm', 'a', '1', 'x/package.json');
  const a1Elsewhere = samplePackage('npm', 'a', '1', 'w/package.json');
  const a2 = samplePackage('npm', 'a', '2', 'v/package.json');
  const b = samplePackage('npm', 'b', '1', 'u/package.json');
  const findings = [
    sampleFinding(b, 'CVE-1'),
    sampleFinding(a2, 'CVE-1'),
    sampleFinding(a1, 'CVE-2', { severity: 'LOW' }),
    sampleFinding(a1, 'CVE-3', { severity: 'HIGH' }),
    sampleFinding(a1, 'CVE-1', { severity: 'LOW' }),
    sampleFinding(a1Elsewhere, 'CVE-1', { severity: 'LOW' }),
  ];
  const [group] = groupTargets(sampleReport({ inventory: { packages: [], problems: [] }, findings, suppressed: [] }));
  assert.deepEqual(
    group?.findings.map(
      ({ package: { name, version, locations }, id }) => `${name} ${version} ${id} ${locations[0]?.path[0]}`,
    ),
    ['a 1 CVE-3 x', 'a 1 CVE-1 w', 'a 1 CVE-1 x', 'a 1 CVE-2 x', 'a 2 CVE-1 v', 'b 1 CVE-1 u'],
  );
});

for (const [id, family] of [
  ['debian', 'debian'],
  ['rhel', 'redhat'],
  ['almalinux', 'alma'],
  ['ol', 'oracle'],
  ['amzn', 'amazon'],
  ['sl-micro', 'slem'],
  ['mariner', 'cbl-mariner'],
] as const) {
  test(`osFamily() calls ${id} ${family}`, () => assert.equal(osFamily({ id, version: '', idLike: [] }), family));
}
