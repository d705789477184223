import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleCheck, sampleConfigReport, sampleFile } from '../../../testing/misconfig/config-report.ts';
import type { ConfigReport } from '../../finding/config-report.ts';
import { jsonConfigReport } from './render-config.ts';

function parsed(reports: readonly ConfigReport[], includePassed: boolean = false): unknown {
  const text = jsonConfigReport.render(reports, { version: '1', width: 80, colour: false, includePassed });
  assert.ok(text.endsWith('\n'));
  return JSON.parse(text) as unknown;
}

const failure = { check: sampleCheck(), message: 'It has no <tag>', lines: { start: 3, end: 3 } };
const bare = { check: sampleCheck({ id: 'KSV-0001', aliases: [], severity: 'HIGH' }), message: 'm', resource: 'Pod x' };
const passed = sampleCheck({ id: 'DS-0009', aliases: [] });

test('jsonConfigReport writes what Trivy writes, member by member', () => {
  assert.deepEqual(parsed([sampleConfigReport([sampleFile('a/Dockerfile', [failure], { passed: [passed] })])]), {
    SchemaVersion: 2,
    CreatedAt: '2026-01-02T03:04:05.000Z',
    ArtifactName: 'deploy',
    ArtifactType: 'filesystem',
    Metadata: {},
    Results: [
      {
        Target: 'a/Dockerfile',
        Class: 'config',
        Type: 'dockerfile',
        MisconfSummary: { Successes: 1, Failures: 1 },
        Misconfigurations: [
          {
            Type: 'Dockerfile Security Check',
            ID: 'DS-0001',
            AVDID: 'AVD-DS-0001',
            Title: 'A title',
            Description: 'What can come of it.',
            Message: 'It has no <tag>',
            Namespace: 'builtin.dockerfile.DS001',
            Resolution: 'Do something else.',
            Severity: 'MEDIUM',
            PrimaryURL: 'https://avd.aquasec.com/misconfig/ds-0001',
            References: ['https://avd.aquasec.com/misconfig/ds-0001'],
            Status: 'FAIL',
            CauseMetadata: {
              Provider: 'Dockerfile',
              Service: 'general',
              StartLine: 3,
              EndLine: 3,
              Code: {
                Lines: [
                  {
                    Number: 3,
                    Content: 'line 3',
                    IsCause: true,
                    Annotation: '',
                    Truncated: false,
                    Highlighted: 'line 3',
                    FirstCause: true,
                    LastCause: true,
                  },
                ],
              },
            },
          },
        ],
      },
    ],
  });
});

test('jsonConfigReport leaves out what is not known', () => {
  const [result] = (
    parsed([sampleConfigReport([sampleFile('a.yaml', [bare], { type: 'kubernetes' })])]) as {
      Results: [{ Misconfigurations: [Record<string, unknown>] }];
    }
  ).Results;
  const [{ AVDID, Namespace, CauseMetadata, Type }] = result.Misconfigurations;
  assert.deepEqual(
    [AVDID, Namespace, Type, CauseMetadata],
    [
      undefined,
      undefined,
      'Kubernetes Security Check',
      { Resource: 'Pod x', Provider: 'Kubernetes', Service: 'general' },
    ],
  );
});

test('jsonConfigReport marks lines that are left out', () => {
  const code = new Map([
    [
      failure,
      [
        { number: 1, content: 'a', truncated: false },
        { number: 2, content: 'b', truncated: false },
        { number: 3, content: '', truncated: true },
      ],
    ],
  ]);
  const text = JSON.stringify(parsed([sampleConfigReport([sampleFile('a', [failure], { code })])]));
  const flags = [...text.matchAll(/"IsCause":(\w+).*?"Truncated":(\w+).*?"FirstCause":(\w+),"LastCause":(\w+)/g)];
  assert.deepEqual(
    flags.map(([, ...rest]) => rest.join(' ')),
    ['true false true false', 'true false false true', 'false true false false'],
  );
});

test('jsonConfigReport lists what passed when it is asked to, what was set aside, and what could not be read', () => {
  const file = sampleFile('a/Dockerfile', [], { passed: [passed], ignored: [{ failure, by: 'a/Dockerfile:2' }] });
  const broken = sampleFile('b/Dockerfile', [], { problems: ['x'] });
  const problems = [{ code: 'CONFIG_UNREADABLE', subject: 'b/Dockerfile', message: 'x.', incomplete: true as const }];
  const value = parsed([sampleConfigReport([file, broken], { problems })], true) as {
    Results: Record<string, unknown>[];
    Seaworthy: unknown;
  };
  assert.equal(value.Results.length, 1);
  const [{ Misconfigurations, ExperimentalModifiedFindings, MisconfSummary } = {}] = value.Results;
  assert.deepEqual(
    (Misconfigurations as Record<string, unknown>[]).map(({ ID, Status }) => [ID, Status]),
    [['DS-0009', 'PASS']],
  );
  assert.deepEqual(MisconfSummary, { Successes: 1, Failures: 0 });
  const [aside] = ExperimentalModifiedFindings as Record<string, unknown>[];
  assert.deepEqual(
    [aside?.['Type'], aside?.['Status'], aside?.['Source']],
    ['misconfiguration', 'ignored', 'a/Dockerfile:2'],
  );
  assert.deepEqual(value.Seaworthy, {
    Problems: [{ Code: 'CONFIG_UNREADABLE', Subject: 'b/Dockerfile', Message: 'x.', Incomplete: true }],
  });
});

test('jsonConfigReport writes several reports as a list', () => {
  assert.equal((parsed([sampleConfigReport([]), sampleConfigReport([])]) as unknown[]).length, 2);
});
