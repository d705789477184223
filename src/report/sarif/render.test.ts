import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import type { Log, Run } from 'sarif';
import type { ScanReport } from '../../finding/scan-report.ts';
import { arbitraryInventory } from '../../../testing/arbitrary-inventory.ts';
import { sampleFinding, samplePackage, sampleReport } from '../../../testing/scan-report.ts';
import { severities } from '../../finding/severity.ts';
import { renderSarif, sarifReport } from './render.ts';

function render(reports: readonly ScanReport[]): Log {
  const text = sarifReport.render(reports, { version: '1.2.3', width: 80, colour: false, listAllPackages: false });
  return JSON.parse(text) as Log;
}

function runOf(report: ScanReport): Run {
  return render([report]).runs[0] as Run;
}

/** What the 2.1.0 schema demands of the parts that are written here: required members, enumerations, bounds, URIs. */
function checkRun(run: Run): void {
  const { driver } = run.tool;
  assert.equal(driver.name, 'Seaworthy');
  assert.equal(run.columnKind, 'utf16CodeUnits');
  const rules = driver.rules ?? [];
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  for (const rule of rules) {
    assert.ok(rule.shortDescription?.text && rule.fullDescription?.text && rule.help?.text && rule.help.markdown);
    assert.match(rule.name ?? '', /^(?:OsPackage|LanguageSpecificPackage)Vulnerability$/);
    assert.match(rule.defaultConfiguration?.level ?? '', /^(?:error|warning|note)$/);
    assert.match(String(rule.properties?.['security-severity']), /^(?:10|\d)\.\d$/);
    assert.equal(new Set(rule.properties?.tags).size, rule.properties?.tags?.length);
    if (rule.helpUri !== undefined) assert.ok(URL.canParse(rule.helpUri));
  }
  for (const { baseUri } of Object.values(run.originalUriBaseIds ?? {}).map(({ uri }) => ({ baseUri: uri ?? '' }))) {
    assert.ok(URL.canParse(baseUri) && baseUri.endsWith('/'), baseUri);
  }
  for (const result of run.results ?? []) {
    assert.equal(rules[result.ruleIndex ?? -1]?.id, result.ruleId);
    assert.match(result.level ?? '', /^(?:error|warning|note)$/);
    assert.ok(result.message.text);
    assert.ok(Object.values(result.partialFingerprints ?? {}).every((print) => /^[0-9a-f]{32}(?::1)?$/.test(print)));
    assert.equal(result.locations?.length, 1);
    const { physicalLocation } = result.locations?.[0] ?? {};
    const uri = physicalLocation?.artifactLocation?.uri ?? '';
    assert.match(uri, /^(?:[\w.~!'()*-]|%[0-9A-F]{2})(?:[\w.~!'()*/-]|%[0-9A-F]{2})*$/);
    assert.ok(Object.hasOwn(run.originalUriBaseIds ?? {}, physicalLocation?.artifactLocation?.uriBaseId ?? ''));
    assert.deepEqual(physicalLocation?.region, { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 });
  }
  assert.ok(run.invocations?.length === 1);
  for (const invocation of run.invocations) {
    assert.equal(typeof invocation.executionSuccessful, 'boolean');
    assert.match(invocation.endTimeUtc ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
    for (const { message, level } of invocation.toolExecutionNotifications ?? []) {
      assert.ok(message.text);
      assert.match(level ?? '', /^(?:error|warning)$/);
    }
  }
}

test('sarifReport writes a log of the required form', () => {
  const log = render([sampleReport()]);
  assert.equal(log.version, '2.1.0');
  assert.ok(URL.canParse(log.$schema ?? ''));
  const [run] = log.runs as [Run];
  checkRun(run);
  assert.equal(run.tool.driver.version, '1.2.3');
  assert.equal(run.automationDetails, undefined);
  assert.deepEqual(
    run.results?.map(({ ruleId, level, locations }) => [
      ruleId,
      level,
      locations?.[0]?.physicalLocation?.artifactLocation?.uri,
    ]),
    [
      ['CVE-2024-5535', 'error', 'library/shop'],
      ['CVE-2005-2541', 'note', 'library/shop'],
      ['CVE-2024-24790', 'warning', 'usr/local/bin/tool'],
      ['CVE-2021-44228', 'error', 'app/shop.jar/BOOT-INF/lib/log4j-core-2.14.1.jar'],
    ],
  );
  assert.deepEqual(
    run.tool.driver.rules?.map(({ name, properties }) => [name, properties?.['security-severity'], properties?.tags]),
    [
      ['OsPackageVulnerability', '9.1', ['vulnerability', 'security', 'CRITICAL', 'external/cwe/cwe-200']],
      ['OsPackageVulnerability', '2.0', ['vulnerability', 'security', 'LOW']],
      ['LanguageSpecificPackageVulnerability', '5.5', ['vulnerability', 'security', 'MEDIUM']],
      ['LanguageSpecificPackageVulnerability', '9.5', ['vulnerability', 'security', 'CRITICAL']],
    ],
  );
  assert.match(
    run.results?.[3]?.message.text ?? '',
    /^Package: org\.apache\..+\nInstalled Version: 2\.14\.1\n.+\n.+\n.+\nFixed Version: 2\.15\.0, 2\.12\.2, 2\.3\.1\n/,
  );
});

test('sarifReport gives one rule to one flaw in several packages', () => {
  const packages = ['a', 'b'].map((name) => samplePackage('npm', name, '1', `${name}/package.json`));
  const findings = packages.map((pkg) => sampleFinding(pkg, 'CVE-1'));
  const run = runOf(sampleReport({ findings }));
  checkRun(run);
  assert.equal(run.tool.driver.rules?.length, 1);
  assert.deepEqual(
    run.results?.map(({ ruleIndex }) => ruleIndex),
    [0, 0],
  );
  const prints = run.results?.map(({ partialFingerprints }) => partialFingerprints?.['seaworthyFinding/v1']);
  assert.equal(new Set(prints).size, 2);
});

test('sarifReport keeps an alert one alert when a package is updated', () => {
  const prints = ['1', '2'].map((version) => {
    const finding = sampleFinding(samplePackage('npm', 'a', version, 'a/package.json'), 'CVE-1');
    return runOf(sampleReport({ findings: [finding] })).results?.[0]?.partialFingerprints;
  });
  assert.deepEqual(prints[0], prints[1]);
});

test('sarifReport makes a run of each report, and names them', () => {
  const log = render([sampleReport(), sampleReport({ artifact: { name: 'other:2', type: 'container_image' } })]);
  for (const run of log.runs) checkRun(run);
  assert.deepEqual(
    log.runs.map(({ automationDetails }) => automationDetails?.id),
    ['shop:1.4/', 'other:2/'],
  );
});

test('sarifReport tells what was not looked at', () => {
  const problem = { code: 'CUT', subject: 'layer 2', message: 'It is cut off.' };
  const part = runOf(sampleReport({ problems: [problem] }));
  assert.equal(part.invocations?.[0]?.executionSuccessful, true);
  const whole = runOf(sampleReport({ problems: [{ ...problem, incomplete: true }] }));
  assert.deepEqual(whole.invocations, [
    {
      executionSuccessful: false,
      endTimeUtc: '2025-01-02T03:04:05.000Z',
      toolExecutionNotifications: [
        { descriptor: { id: 'CUT' }, level: 'error', message: { text: 'layer 2: It is cut off.' } },
      ],
    },
  ]);
});

test('sarifReport stays valid whatever an advisory says', () => {
  const hostile = '](javascript:x) <script> | \n# \u0000';
  const pkg = samplePackage('npm', hostile, hostile, `../../C:\\x?#%/${hostile}`);
  const run = runOf(
    sampleReport({
      findings: [
        sampleFinding(pkg, 'CVE-1', { title: hostile, primaryUrl: hostile, description: hostile.repeat(200) }),
      ],
    }),
  );
  checkRun(run);
  assert.equal(run.tool.driver.rules?.[0]?.helpUri, undefined);
  assert.doesNotMatch(run.tool.driver.rules?.[0]?.help?.markdown ?? '', /(?<!\\)[<]|(?<!\\)\]\(j/);
});

test('sarifReport leaves out what was set aside', () => {
  const run = runOf(sampleReport());
  assert.ok(
    run.results?.every(({ ruleId, suppressions }) => ruleId !== 'CVE-2021-23337' && suppressions === undefined),
  );
});

test('sarifReport tells of what image the run is', () => {
  const { properties } = runOf(sampleReport());
  assert.deepEqual(properties, {
    imageName: 'shop:1.4',
    imageID: `sha256:${'1'.repeat(64)}`,
    repoTags: ['shop:1.4'],
    repoDigests: [`shop@sha256:${'2'.repeat(64)}`],
    databaseBuiltAt: '2025-01-01T00:00:00Z',
  });
});

test('sarifReport makes no link of what an image says', () => {
  const pkg = samplePackage('npm', '[a](http://x) {0}', '1', 'a/package.json');
  const { message, locations } = runOf(sampleReport({ findings: [sampleFinding(pkg, 'CVE-1')] })).results?.[0] ?? {};
  assert.ok(message?.text?.startsWith(String.raw`Package: \[a\](http://x) {{0}}`));
  assert.equal(locations?.[0]?.message?.text, String.raw`a/package.json: \[a\](http://x) {{0}}@1`);
});

test('renderSarif() is the text of sarifReport and says the same twice', () => {
  const reports = [sampleReport()];
  const options = { version: '1', width: 80, colour: false, listAllPackages: false };
  assert.equal(renderSarif(reports, { toolVersion: '1' }), sarifReport.render(reports, options));
  assert.equal(renderSarif(reports, { toolVersion: '1' }), renderSarif(reports, { toolVersion: '1' }));
});

test('renderSarif() writes a log without runs for no reports', () => {
  assert.deepEqual((JSON.parse(renderSarif([], { toolVersion: '1' })) as Log).runs, []);
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    'https://x.test/a(b)?c#d',
    'http://[',
    'javascript:x',
    '\ud800',
    'a b%zz:\\/..//é漢',
    '\0\u001b[31m',
    '../..',
    '|]({',
    'x'.repeat(30_000),
  ),
);
const score = fc.oneof(fc.double(), fc.constantFrom(9.1, 10, 0));
const findingParts = fc.record({
  id: text,
  severity: fc.constantFrom(...severities),
  severitySource: fc.constantFrom('nvd', '__proto__', 'constructor'),
  cvss: fc
    .constantFrom('nvd', 'ghsa')
    .chain((source) =>
      fc
        .record({ version: fc.constantFrom('2.0', '3.1', '4.0', 'x'), vector: text, score })
        .map((rating) => ({ [source]: [rating] })),
    ),
  title: text,
  description: text,
  primaryUrl: text,
  cwes: fc.array(text, { maxLength: 2 }),
  fixedVersions: fc.array(text, { maxLength: 2 }),
});

/** Reports of hostile images, asked for by hostile names, with advisories of the same kind. */
const hostileReport: fc.Arbitrary<ScanReport> = fc
  .record({
    inventory: arbitraryInventory,
    parts: fc.array(findingParts, { maxLength: 8 }),
    name: fc.oneof(text, fc.constantFrom('a:1', 'oci-dir:a b')),
    type: fc.constantFrom('container_image', 'filesystem', 'cyclonedx', 'spdx'),
  })
  .map(({ inventory, parts, name, type }) => {
    const findings = inventory.packages.flatMap((pkg, index) => {
      const { id, ...rest } = parts[index] ?? { id: undefined };
      return id === undefined ? [] : [sampleFinding(pkg, id, rest)];
    });
    return sampleReport({
      inventory,
      findings,
      problems: inventory.problems,
      artifact: { name, type },
    });
  });

test('renderSarif() writes a valid log of any report', () => {
  fc.assert(
    fc.property(fc.array(hostileReport, { maxLength: 2 }), (reports) => {
      const written = renderSarif(reports, { toolVersion: '1.2.3' });
      assert.ok(written.isWellFormed());
      assert.doesNotMatch(written, /\\u(?:00[01]|d[89a-f])/i);
      const log = JSON.parse(written) as Log;
      assert.equal(log.runs.length, reports.length);
      for (const [index, run] of log.runs.entries()) {
        checkRun(run);
        assert.equal(run.results?.length, reports[index]?.findings.length);
      }
    }),
    { numRuns: 200 },
  );
});

test('sarifReport names files of source code from the working folder, or from the folder that lies elsewhere', () => {
  const workingFolder = resolve('work');
  const finding = sampleFinding(samplePackage('npm', 'lodash', '4.17.20', 'app/package-lock.json'), 'CVE-2021-23337');
  const placeOf = (folder: string | undefined) => {
    const artifact = { name: 'x', type: 'filesystem' as const, ...(folder === undefined ? {} : { folder }) };
    const report = sampleReport({ artifact, findings: [finding] });
    const options = { version: '1', width: 80, colour: false, listAllPackages: false, workingFolder };
    const { runs } = JSON.parse(sarifReport.render([report], options)) as Log;
    const { uri, uriBaseId } = runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation ?? {};
    return [uri, uriBaseId, Object.keys(runs[0]?.originalUriBaseIds ?? {})];
  };
  const cases: readonly (readonly [string, string])[] = [
    ['.', 'app/package-lock.json'],
    ['sub dir/', 'sub%20dir/app/package-lock.json'],
    [join(workingFolder, 'web'), 'web/app/package-lock.json'],
    ['..', 'app/package-lock.json'],
    ['/elsewhere', 'app/package-lock.json'],
  ];
  for (const [folder, uri] of cases) assert.deepEqual(placeOf(folder), [uri, '%SRCROOT%', []], folder);
  // What is no source code starts at its own root.
  assert.deepEqual(placeOf(undefined), ['app/package-lock.json', 'ROOTPATH', ['ROOTPATH']]);
});
