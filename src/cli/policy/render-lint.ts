import { relative, sep } from 'node:path';
import { printableJson } from '../../base/printable-json.ts';
import { lintChecks } from '../../policy/lint/list.ts';
import type { LintResult } from '../../policy/lint/model.ts';
import { cleanText } from '../../report/text/clean-text.ts';

/** How findings about policies may be told. */
export type LintFormat = 'text' | 'json' | 'sarif';

/** Findings as compilers write them: `file:line:column: warning: path sentence [id]`. */
export function renderLintText(results: readonly LintResult[]): string {
  return results
    .map(({ file, line, column, severity, path, sentence, id }) =>
      cleanText(`${file}:${line}:${column}: ${severity}: ${path === '' ? '' : `${path} `}${sentence} [${id}]`),
    )
    .map((each) => `${each}\n`)
    .join('');
}

/** One document. */
export function renderLintJson(results: readonly LintResult[]): string {
  return `${printableJson({ findings: results })}\n`;
}

/** SARIF 2.1.0, with files named from where the user stands. */
export function renderLintSarif(results: readonly LintResult[], cwd: string, version: string): string {
  const known = lintChecks.map(({ id, about, severity }) => ({
    id,
    shortDescription: { text: about },
    defaultConfiguration: { level: severity },
  }));
  const rules = results.some(({ id }) => id === dialectAdvice)
    ? [...known, { id: dialectAdvice, shortDescription: { text: 'What a form of policies itself advises' } }]
    : known;
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Seaworthy', version, rules } },
        columnKind: 'utf16CodeUnits',
        results: results.map(({ id, severity, file, line, column, path, sentence }) => ({
          ruleId: id,
          ruleIndex: rules.findIndex((each) => each.id === id),
          level: severity,
          message: { text: cleanText(`${path} ${sentence}`.trim()) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: encodeURI(relative(cwd, file).split(sep).join('/')) },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  };
  return `${printableJson(log)}\n`;
}

/** The id of what a form of policies advises by itself, where no check says more. */
export const dialectAdvice = 'dialect-advice';
