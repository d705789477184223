import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleCheck, sampleConfigReport, sampleFile } from '../../../testing/misconfig/config-report.ts';
import type { ConfigReport } from '../../finding/config-report.ts';
import { tableConfigReport } from './render-config.ts';

function render(
  report: ConfigReport,
  options: { colour?: boolean; includePassed?: boolean; width?: number } = {},
): string {
  return tableConfigReport.render([report], {
    version: '1',
    width: 80,
    colour: false,
    includePassed: false,
    ...options,
  });
}

const low = { check: sampleCheck({ id: 'DS-0026', severity: 'LOW' }), message: 'Nothing' };
const medium = {
  check: sampleCheck(),
  message: 'It has no tag',
  lines: { start: 9, end: 10 },
  resource: 'stage 1',
};
const code = new Map([
  [
    medium,
    [
      { number: 9, content: '  FROM\ta', truncated: false },
      { number: 10, content: 'x'.repeat(100), truncated: false },
      { number: 11, content: '', truncated: true },
    ],
  ],
]);

test('tableConfigReport writes each file with what is wrong, the worst first', () => {
  const clean = sampleFile('b/Dockerfile', [], { passed: [sampleCheck()] });
  const report = sampleConfigReport([
    sampleFile('Dockerfile', [low, medium], { code, passed: [sampleCheck()] }),
    clean,
  ]);
  assert.equal(
    render(report),
    `deploy
2 files looked at

Dockerfile (dockerfile)
=======================
Checks: 1 passed, 2 failed
Failures: 2 (UNKNOWN: 0, LOW: 1, MEDIUM: 1, HIGH: 0, CRITICAL: 0)

DS-0001 (MEDIUM): It has no tag
  What can come of it.
  Do something else.
  https://avd.aquasec.com/misconfig/ds-0001
  Dockerfile:9-10 (stage 1)
   9 │   FROM a
  10 │ ${'x'.repeat(72)}…
   … │ …

DS-0026 (LOW): Nothing
  What can come of it.
  Do something else.
  https://avd.aquasec.com/misconfig/ds-0026
  Dockerfile

Without findings:
  - b/Dockerfile (dockerfile)
`,
  );
});

test('tableConfigReport lists what passed when it is asked to', () => {
  const text = render(sampleConfigReport([sampleFile('Dockerfile', [], { passed: [sampleCheck()] })]), {
    includePassed: true,
  });
  assert.match(text, /^Passed: 1 check\n {2}DS-0001 \(MEDIUM\): A title$/m);
});

test('tableConfigReport says that there was nothing to look at', () => {
  assert.match(render(sampleConfigReport([])), /^No configuration was found that is checked/m);
});

test('tableConfigReport never calls clean what could not be read', () => {
  const problems = [{ code: 'CONFIG_UNREADABLE', subject: 'b', message: 'No.', incomplete: true as const }];
  const text = render(sampleConfigReport([sampleFile('b', [], { problems: ['No'] })], { problems }));
  assert.match(
    text,
    /^Could not look at \(findings may be missing above\):\n {2}- b: No\. \[CONFIG_UNREADABLE, incomplete\]$/m,
  );
  assert.doesNotMatch(text, /Without findings/);
});

test('tableConfigReport tells what was set aside, and where that is said', () => {
  const ignored = [
    { failure: medium, by: 'Dockerfile:2' },
    { failure: low, by: '.trivyignore:1' },
    { failure: medium, by: '.trivyignore:1' },
  ];
  assert.match(
    render(sampleConfigReport([sampleFile('Dockerfile', [], { ignored })])),
    /^Set aside: 3 findings\n {2}- DS-0001 by Dockerfile:2\n {2}- DS-0026, DS-0001 by \.trivyignore:1$/m,
  );
});

test('tableConfigReport lets nothing through that a terminal would obey', () => {
  const evil = '\u001b[31m\u202e\r';
  const failure = { check: sampleCheck(), message: evil, lines: { start: 1, end: 1 }, resource: evil };
  const file = sampleFile(`a${evil}`, [failure], {
    ignored: [{ failure, by: evil }],
    code: new Map([[failure, [{ number: 1, content: evil, truncated: false }]]]),
  });
  const text = render(
    sampleConfigReport([file], { name: evil, problems: [{ code: 'C', subject: evil, message: evil }] }),
  );
  assert.doesNotMatch(text, /[\u001b\u202e\r]/);
  assert.match(render(sampleConfigReport([file]), { colour: true }), /\u001b\[33m/);
});

test('tableConfigReport keeps to the width of the terminal', () => {
  const report = sampleConfigReport([sampleFile('Dockerfile', [medium], { code })]);
  for (const line of render(report, { width: 60 }).split('\n')) assert.ok(line.length <= 66, line);
});
