import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import test from 'node:test';
import type { Log, Run } from 'sarif';
import { sampleCheck, sampleConfigReport, sampleFile } from '../../../testing/misconfig/config-report.ts';
import type { ConfigReport } from '../../finding/config-report.ts';
import { sarifConfigReport } from './render-config.ts';

function runsOf(...reports: ConfigReport[]): [Run, ...Run[]] {
  const text = sarifConfigReport.render(reports, { version: '1.2.3', width: 80, colour: false, includePassed: false });
  const { version, runs } = JSON.parse(text) as Log;
  assert.equal(version, '2.1.0');
  return runs as [Run, ...Run[]];
}

const medium = { check: sampleCheck(), message: 'See [x](y) {0}', lines: { start: 3, end: 5 } };
const high = { check: sampleCheck({ id: 'DS-0002', severity: 'HIGH' }), message: 'm', resource: 'Pod x' };

test('sarifConfigReport writes a rule for each check and a result for each finding, with its lines', () => {
  const [run] = runsOf(sampleConfigReport([sampleFile('a/Dockerfile', [medium, high]), sampleFile('b', [medium])]));
  assert.deepEqual(
    run.tool.driver.rules?.map(({ id, defaultConfiguration, properties }) => [
      id,
      defaultConfiguration?.level,
      properties?.['security-severity'],
      properties?.tags,
    ]),
    [
      ['DS-0001', 'warning', '5.5', ['misconfiguration', 'security', 'MEDIUM']],
      ['DS-0002', 'error', '8.0', ['misconfiguration', 'security', 'HIGH']],
    ],
  );
  assert.deepEqual(
    run.results?.map(({ ruleId, ruleIndex, locations }) => {
      const { artifactLocation, region } = locations?.[0]?.physicalLocation ?? {};
      return [ruleId, ruleIndex, artifactLocation?.uri, region?.startLine, region?.endLine];
    }),
    [
      ['DS-0001', 0, 'deploy/a/Dockerfile', 3, 5],
      ['DS-0002', 1, 'deploy/a/Dockerfile', 1, 1],
      ['DS-0001', 0, 'deploy/b', 3, 5],
    ],
  );
  assert.equal(new Set(run.results?.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size, 3);
  assert.match(run.results?.[0]?.message.text ?? '', /Message: See \\\[x\\\]\(y\) \{\{0\}\}\n/);
});

test('sarifConfigReport keeps a finding the same when its lines move', () => {
  const moved = { ...medium, lines: { start: 8, end: 9 } };
  const prints = [medium, moved].map(
    (failure) => runsOf(sampleConfigReport([sampleFile('a', [failure])]))[0].results?.[0]?.partialFingerprints,
  );
  assert.deepEqual(prints[0], prints[1]);
});

test('sarifConfigReport names a file as it was named, and never leaves the checkout', () => {
  const uriOf = (name: string, folder: string): string | undefined =>
    runsOf(sampleConfigReport([sampleFile('Dockerfile', [medium])], { name, folder }))[0].results?.[0]?.locations?.[0]
      ?.physicalLocation?.artifactLocation?.uri;
  assert.equal(uriOf('x/Dockerfile', ''), 'x/Dockerfile');
  assert.equal(uriOf('.', '.'), 'Dockerfile');
  assert.equal(uriOf('./x/', './x/'), 'x/Dockerfile');
  assert.equal(uriOf('..', '..'), '__/Dockerfile');
});

test('sarifConfigReport names what is below the working folder from there, however it was named', () => {
  const workingFolder = resolve('work');
  const uriOf = (name: string, folder: string): string | undefined => {
    const report = sampleConfigReport([sampleFile('Dockerfile', [medium])], { name, folder });
    const options = { version: '1', width: 80, colour: false, includePassed: false, workingFolder };
    const { runs } = JSON.parse(sarifConfigReport.render([report], options)) as Log;
    return runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation?.artifactLocation?.uri;
  };
  const cases: readonly (readonly [string, boolean, string])[] = [
    ['.', true, 'Dockerfile'],
    ['web', true, 'web/Dockerfile'],
    ['web/../api/', true, 'api/Dockerfile'],
    [workingFolder, true, 'Dockerfile'],
    [join(workingFolder, 'web'), true, 'web/Dockerfile'],
    [join(workingFolder, 'Dockerfile'), false, 'Dockerfile'],
    ['..x', true, '..x/Dockerfile'],
    ['..', true, 'Dockerfile'],
    ['../web', true, 'Dockerfile'],
    ['../Dockerfile', false, '__/Dockerfile'],
  ];
  for (const [name, isFolder, uri] of cases) assert.equal(uriOf(name, isFolder ? name : ''), uri, name);
});

test('sarifConfigReport tells what could not be read, and of what run it is', () => {
  const problems = [{ code: 'CONFIG_UNREADABLE', subject: 'b', message: 'No.', incomplete: true as const }];
  const [one, other] = runsOf(sampleConfigReport([], { problems }), sampleConfigReport([], { name: 'other' }));
  assert.equal(one.invocations?.[0]?.executionSuccessful, false);
  assert.equal(one.invocations?.[0]?.toolExecutionNotifications?.[0]?.message.text, 'b: No.');
  assert.deepEqual([one.automationDetails?.id, other?.automationDetails?.id], ['deploy/', 'other/']);
});
