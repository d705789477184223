import type { TestResult } from '../../admission/suite/model.ts';
import type { Paint } from '../../report/text/style.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { renderTextTable } from '../../report/text/text-table.ts';

/** What came of a suite that could be run. */
export interface SuiteReport {
  /** Where it is, from where the user stands. */
  readonly file: string;
  readonly name: string;
  readonly results: readonly TestResult[];
}

/** How reports of tests may look. */
export type TestFormat = 'table' | 'json' | 'junit';

/** Numbers of tests, by what they wanted and whether they got it. */
export function totalsOf(reports: readonly SuiteReport[]): { passed: number; failed: number; skipped: number } {
  const all = reports.flatMap(({ results }) => results);
  const passed = all.filter((each) => each.passed).length;
  // An object that a rule is to pass over, and does, is one that was looked at: it counts as passed too.
  const skipped = all.filter((each) => each.passed && each.got === 'skip').length;
  return { passed, failed: all.length - passed, skipped };
}

/** A table for each suite. */
export function renderTables(reports: readonly SuiteReport[], failOnly: boolean, width: number, paint: Paint): string {
  const lines: string[] = [];
  let id = 0;
  for (const { file, name, results } of reports) {
    const rows = results.flatMap((result) => {
      id += 1;
      if (failOnly && result.passed) return [];
      const { policy, rule, resource, passed, reason } = result;
      const verdict = { text: passed ? 'Pass' : 'Fail', style: passed ? ('faint' as const) : ('heading' as const) };
      return [{ cells: [String(id), policy, rule, resource, verdict, reason] }];
    });
    if (failOnly && rows.length === 0) continue;
    lines.push(cleanText(name === '' ? file : `${name} (${file})`));
    if (rows.length === 0) lines.push('It has no test that was asked for', '');
    else lines.push(...renderTextTable(columns, rows, { width, paint }), '');
  }
  return lines.map((line) => `${line}\n`).join('');
}

const columns = [
  { header: 'ID' },
  { header: 'POLICY', least: 12 },
  { header: 'RULE', least: 12 },
  { header: 'RESOURCE', least: 16 },
  { header: 'RESULT' },
  { header: 'REASON', least: 24 },
];

/** One document, whose totals are of all tests. */
export function renderJson(reports: readonly SuiteReport[], failOnly: boolean): string {
  const suites = reports.map(({ file, name, results }) => ({
    file,
    name,
    results: results.filter(({ passed }) => !(failOnly && passed)),
  }));
  return `${JSON.stringify({ suites, summary: totalsOf(reports) }, undefined, 2)}\n`;
}

/** As build servers read it: a suite for each file, a case for each object. */
export function renderJunit(reports: readonly SuiteReport[], failOnly: boolean): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>'];
  for (const { file, name, results } of reports) {
    const failures = results.filter(({ passed }) => !passed).length;
    const head = `name="${xml(name === '' ? file : name)}" file="${xml(file)}"`;
    lines.push(`  <testsuite ${head} tests="${results.length}" failures="${failures}">`);
    for (const { policy, rule, resource, passed, reason } of results) {
      if (failOnly && passed) continue;
      const open = `    <testcase classname="${xml(rule === '' ? policy : `${policy}/${rule}`)}" name="${xml(resource)}"`;
      lines.push(passed ? `${open}/>` : `${open}><failure message="${xml(reason)}"/></testcase>`);
    }
    lines.push('  </testsuite>');
  }
  return `${lines.join('\n')}\n</testsuites>\n`;
}

function xml(text: string): string {
  return cleanText(text).replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
}
