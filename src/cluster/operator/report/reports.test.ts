import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../../testing/kubernetes/cluster/objects.ts';
import type { Digest } from '../../../oci/digest.ts';
import type { ToldFinding } from '../../../scan/process/worker/tasks.ts';
import { operatorLimits } from '../limits.ts';
import { type FoundInImage, imageKey, type ReportTarget } from '../model.ts';
import { KnownReports } from './known-reports.ts';
import { annotations } from './report-object.ts';
import { sbomReport } from './sbom-report.ts';
import { vulnerabilityFingerprint, vulnerabilityReport } from './vulnerability-report.ts';

const digest = digestOf(1) as Digest;
const target: ReportTarget = {
  namespace: 'shop',
  name: 'replicaset-web-1-app',
  owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u' },
  container: 'app',
  reference: { registry: 'docker.io', repository: 'library/nginx', tag: '1' },
  image: imageKey(digest, 'linux/amd64'),
  digest,
  specHash: 'abc',
};
const counts = { UNKNOWN: 0, LOW: 20_000, MEDIUM: 0, HIGH: 1, CRITICAL: 0 };
const found: FoundInImage = {
  revision: 'r',
  builtAt: 1_760_000_000_000,
  checkedAt: 1_770_000_000_000,
  counts,
  os: undefined,
};
const scanner = { version: '1.0.0' };

function finding(number: number): ToldFinding {
  return {
    id: `CVE-2026-${number}`,
    severity: number === 0 ? 'HIGH' : 'LOW',
    title: 'a flaw',
    primaryUrl: '',
    score: 5.5,
    fixed: '',
    package: { name: `lib${number}`, version: '1', purl: `pkg:apk/alpine/lib${number}@1` },
    class: 'os-pkgs',
    type: 'alpine',
  };
}

test('a report with more findings than an object has room for keeps the worst, and counts all', () => {
  const findings = Array.from({ length: 10_000 }, (_, at) => finding(at));
  const object = vulnerabilityReport(target, found, { counts, left: 10_001, problems: [], findings }, scanner);
  const report = object['report'] as {
    readonly summary: object;
    readonly vulnerabilities: readonly { readonly vulnerabilityID: string }[];
  };
  assert.ok(Buffer.byteLength(JSON.stringify(object)) < operatorLimits.reportBytes + 5000);
  assert.equal(report.vulnerabilities[0]?.vulnerabilityID, 'CVE-2026-0');
  const left = Number(object.metadata.annotations?.[annotations.leftOut]);
  assert.equal(report.vulnerabilities.length + left, 20_001);
  assert.ok(report.vulnerabilities.length > 1000);
  assert.deepEqual(report.summary, {
    criticalCount: 0,
    highCount: 1,
    mediumCount: 0,
    lowCount: 20_000,
    unknownCount: 0,
    noneCount: 0,
  });
  assert.deepEqual((object['report'] as { readonly registry: object }).registry, { server: 'index.docker.io' });
});

test('a report says where something may be missing, and keeps long names of owners beside the label', () => {
  const name = 'w'.repeat(70);
  const problems = [{ code: 'X', subject: 'layer', message: 'A layer could not be read', incomplete: true as const }];
  const long = { ...target, owner: { ...target.owner, name } };
  const { metadata } = vulnerabilityReport(long, found, { counts, left: 0, problems, findings: [] }, scanner);
  assert.equal(metadata.annotations?.[annotations.incomplete], 'A layer could not be read');
  assert.equal(metadata.annotations?.['trivy-operator.resource.name'], name);
  assert.match(metadata.labels?.['trivy-operator.resource.name-hash'] ?? '', /^[a-z0-9]{6,10}$/);
});

test('a bill with more components than an object has room for drops those at its end, and links to them', () => {
  const components = Array.from({ length: 20_000 }, (_, at) => ({
    'bom-ref': `c${at}`,
    type: 'library',
    name: `lib${at}`,
    purl: `pkg:apk/alpine/lib${at}@1`,
    evidence: { of: 'no interest' },
  }));
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { timestamp: '2026-01-01T00:00:00Z', component: { 'bom-ref': 'root', name: 'image' }, lifecycles: [] },
    components,
    dependencies: [
      { ref: 'root', dependsOn: ['c0', 'c19999'] },
      { ref: 'c19999', dependsOn: ['c0'] },
    ],
  };
  const object = sbomReport(
    target,
    Buffer.from(JSON.stringify(bill)),
    { scanSignature: 's', checkedAt: 1_770_000_000_000 },
    scanner,
  );
  const report = object['report'] as {
    readonly summary: object;
    readonly components: { readonly components: readonly object[]; readonly dependencies: readonly object[] };
  };
  assert.ok(Buffer.byteLength(JSON.stringify(object)) < operatorLimits.reportBytes + 5000);
  assert.deepEqual(report.summary, { componentsCount: 20_001, dependenciesCount: 3 });
  const kept = report.components.components;
  assert.ok(kept.length > 1000 && kept.every((component) => !('evidence' in component)));
  assert.equal(Number(object.metadata.annotations?.[annotations.leftOut]), 20_000 - kept.length);
  // The room is used up by components.
  assert.ok(!JSON.stringify(report.components.dependencies).includes('c19999'));
});

test('what a report says is read back, and another fingerprint follows from all that it is made of', () => {
  const object = vulnerabilityReport(target, found, { counts, left: 0, problems: [], findings: [] }, scanner);
  const known = new KnownReports();
  known.take({ kind: 'replaced', objects: [known.transform(object)] });
  const read = known.get('shop/replicaset-web-1-app');
  assert.deepEqual([read?.isOwn, read?.image, read?.found], [true, target.image, found]);
  assert.equal(read?.fingerprint, vulnerabilityFingerprint(target, found, scanner));
  const others = [
    vulnerabilityFingerprint({ ...target, specHash: 'x' }, found, scanner),
    vulnerabilityFingerprint({ ...target, owner: { ...target.owner, uid: 'x' } }, found, scanner),
    vulnerabilityFingerprint(target, { ...found, revision: 'x' }, scanner),
    vulnerabilityFingerprint(target, found, { version: '2' }),
  ];
  assert.equal(new Set([...others, read?.fingerprint]).size, 5);
});

const hostile: readonly (readonly [what: string, found: string])[] = [
  ['no JSON', '{'],
  ['null', 'null'],
  ['counts that are none', '{"revision":"r","counts":null}'],
  ['counts below none', '{"revision":"r","counts":{"UNKNOWN":-1,"LOW":0,"MEDIUM":0,"HIGH":0,"CRITICAL":0}}'],
  ['counts that are missing', '{"revision":"r","counts":{}}'],
];
for (const [what, text] of hostile) {
  test(`a report that says ${what} says nothing`, () => {
    const object = vulnerabilityReport(target, found, { counts, left: 0, problems: [], findings: [] }, scanner);
    const { metadata } = object;
    const changed = {
      ...object,
      metadata: { ...metadata, annotations: { ...metadata.annotations, [annotations.found]: text } },
    };
    const known = new KnownReports();
    known.take({ kind: 'replaced', objects: [known.transform(changed)] });
    assert.equal(known.get('shop/replicaset-web-1-app')?.found, undefined);
  });
}
