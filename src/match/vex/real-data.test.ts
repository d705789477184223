import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { sampleFinding, sampleReport } from '../../../testing/scan-report.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import type { Distro } from '../../package/distro.ts';
import type { Package } from '../../package/package.ts';
import { purlOfPackage } from '../../package/purl-of-package.ts';
import { applyVex } from './apply-vex.ts';
import type { VexDocument } from './document.ts';
import { parseVex } from './parse-vex.ts';
import { indexStatements } from './statement-index.ts';

function read(...parts: readonly string[]): VexDocument {
  return parseVex(readFileSync(sharedData('feeds', ...parts) as string), parts.at(-1) as string);
}

const ubuntu = ['ubuntu', 'vex', 'cve', '2023', 'CVE-2023-38545.json'] as const;

test("applyVex() understands Ubuntu's documents", needsSharedData('feeds', ...ubuntu), () => {
  const document = read(...ubuntu);
  assert.equal(document.unusable, 0);
  const index = indexStatements([document]);
  const purls = document.statements
    .filter(({ status }) => status === 'fixed')
    .flatMap(({ products }) => products.flatMap((product) => (product.kind === 'purl' ? product.purls : [])));
  const libcurl = purls.find((purl) => purl.name === 'libcurl4' && purl.qualifiers['arch'] === 'amd64');
  const { name = '', version = '', qualifiers: { distro: codename = '' } = {} } = libcurl ?? {};
  const aside = (installed: string, release: string): number => {
    const distro: Distro = { id: 'ubuntu', version: '22.04', codename: release, idLike: ['debian'] };
    const bare: Package = { type: 'deb', name, version: installed, arch: 'amd64', licenses: [], cataloger: 'dpkg' };
    const pkg = { ...bare, purl: purlOfPackage(bare, distro), locations: [{ path: 'var/lib/dpkg/status' }] };
    const findings = [sampleFinding(pkg, 'CVE-2023-38545')];
    const report = sampleReport({ inventory: { distro, packages: [pkg], problems: [] }, findings });
    return applyVex(findings, report, index).suppressed.length;
  };
  assert.equal(aside(version, codename), 1);
  assert.equal(aside(version, 'sid'), 0);
  assert.equal(aside(`${version}.1`, codename), 0);
});

const redHat = ['redhat-vex', 'cve-2023-38545.json'] as const;

test("parseVex() tells that Red Hat's products stand under CPEs", needsSharedData('feeds', ...redHat), () => {
  const { statements, unusable } = read(...redHat);
  assert.deepEqual(statements, []);
  assert.ok(unusable > 0);
});

const chainguard = ['chainguard_libraries', 'input', 'openvex', 'pypi', 'urllib3.openvex.json'] as const;

test("parseVex() reads Chainguard's documents about libraries", needsSharedData('feeds', ...chainguard), () => {
  const { statements, unusable } = read(...chainguard);
  assert.equal(unusable, 0);
  assert.deepEqual(
    statements.map(({ status, aliases }) => [status, aliases.includes('CVE-2023-45803')]),
    [['fixed', true]],
  );
});
