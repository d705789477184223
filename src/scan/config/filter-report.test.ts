import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleCheck, sampleConfigReport, sampleFile } from '../../../testing/misconfig/config-report.ts';
import { severities } from '../../finding/severity.ts';
import { parseTrivyIgnore } from '../../match/ignore/parse-trivy-ignore.ts';
import { parseTrivyIgnoreYaml } from '../../match/ignore/parse-trivy-ignore-yaml.ts';
import type { IgnoreRules } from '../../match/ignore/rules.ts';
import { filterConfig } from './filter-report.ts';

const medium = { check: sampleCheck(), message: 'm', lines: { start: 1, end: 1 } };
const high = { check: sampleCheck({ id: 'DS-0002', aliases: ['AVD-DS-0002'], severity: 'HIGH' }), message: 'h' };
const report = sampleConfigReport([sampleFile('a/Dockerfile', [medium, high]), sampleFile('Dockerfile', [medium])]);
const now = new Date('2026-01-01T12:00:00Z');

function filtered(rules?: IgnoreRules, chosen: readonly string[] = severities) {
  const { shown, unfiltered, expired } = filterConfig(report, {
    now,
    severities: new Set(severities.filter((severity) => chosen.includes(severity))),
    ...(rules === undefined ? {} : { rules }),
  });
  const brief = ({ files }: typeof shown): string[] =>
    files.flatMap(({ path, failures }) => failures.map(({ check }) => `${path} ${check.id}`));
  const aside = shown.files.flatMap(({ path, ignored }) => ignored.map(({ by }) => `${path} ${by}`));
  return { shown: brief(shown), unfiltered: brief(unfiltered), aside, expired: expired.map(({ id }) => id) };
}

const all = ['a/Dockerfile DS-0001', 'a/Dockerfile DS-0002', 'Dockerfile DS-0001'];

test('filterConfig() leaves out other severities, which are judged all the same', () => {
  assert.deepEqual(filtered(), { shown: all, unfiltered: all, aside: [], expired: [] });
  const { shown, unfiltered } = filtered(undefined, ['HIGH']);
  assert.deepEqual([shown, unfiltered], [['a/Dockerfile DS-0002'], all]);
});

for (const id of ['DS-0001', 'ds-0001', 'AVD-DS-0001', 'DS001', 'use-specific-tags']) {
  test(`filterConfig() sets aside by ${id}`, () => {
    const { shown, unfiltered, aside } = filtered(parseTrivyIgnore(`# why\n${id}`));
    assert.deepEqual(shown, ['a/Dockerfile DS-0002']);
    assert.deepEqual(unfiltered, shown);
    assert.deepEqual(aside, ['a/Dockerfile .trivyignore:2', 'Dockerfile .trivyignore:2']);
  });
}

test('filterConfig() heeds the day on which a rule ends', () => {
  assert.deepEqual(filtered(parseTrivyIgnore('DS-0001 exp:2026-01-02')).shown, ['a/Dockerfile DS-0002']);
  const over = filtered(parseTrivyIgnore('DS-0001 exp:2025-12-31'));
  assert.deepEqual([over.shown, over.expired], [all, ['DS-0001']]);
});

for (const [paths, shown] of [
  ['["a/Dockerfile"]', ['a/Dockerfile DS-0002', 'Dockerfile DS-0001']],
  ['["deploy/a/*"]', ['a/Dockerfile DS-0002', 'Dockerfile DS-0001']],
  ['["**/Dockerfile"]', ['a/Dockerfile DS-0002']],
  ['["other"]', all],
] as const) {
  test(`filterConfig() heeds the paths ${paths} of a rule`, async () => {
    const text = `misconfigurations:\n- id: AVD-DS-0001\n  paths: ${paths}\n  statement: it is so\n`;
    const found = filtered(await parseTrivyIgnoreYaml(text));
    assert.deepEqual(found.shown, shown);
    for (const line of found.aside) assert.match(line, /\.trivyignore\.yaml:2 \(it is so\)$/);
  });
}

test('filterConfig() leaves rules about other things alone', async () => {
  const text = 'vulnerabilities: [{id: DS-0001}]\nsecrets: [{id: DS-0001}]\n';
  assert.deepEqual(filtered(await parseTrivyIgnoreYaml(text)).shown, all);
});
