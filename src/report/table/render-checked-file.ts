import type { CodeLine, ReportedFile } from '../../finding/config-report.ts';
import { compareSeverity, severities } from '../../finding/severity.ts';
import type { CheckInfo, Misconfiguration } from '../../finding/misconfiguration.ts';
import { checkUrl } from '../check-url.ts';
import { countSeverities } from '../count-severities.ts';
import { cleanText } from '../text/clean-text.ts';
import { displayWidth, splitGraphemes } from '../text/display-width.ts';
import type { TextTableOptions } from '../text/text-table.ts';
import { wrapText } from '../text/wrap-text.ts';
import { count, wrapped } from './lines.ts';

const indent = '  ';

/** The lines of one file: how much is wrong, and each finding with what to do, the worst first. */
export function renderCheckedFile(file: ReportedFile, includePassed: boolean, options: TextTableOptions): string[] {
  const { path, type, failures, passed } = file;
  const { paint, width } = options;
  const title = cleanText(`${path} (${type})`);
  const counts = countSeverities(failures.map(({ check }) => check));
  const words = severities.map((severity) => {
    const text = `${severity}: ${counts[severity]}`;
    return counts[severity] === 0 ? text : paint(severity, text);
  });
  const broken = new Set(failures.map(({ check }) => check.id)).size;
  const worstFirst = failures.toSorted((a, b) => compareSeverity(b.check.severity, a.check.severity));
  return [
    ...wrapped(title, options).map((line) => paint('heading', line)),
    paint('heading', '='.repeat(Math.min(width, displayWidth(title)))),
    `Checks: ${passed.length} passed, ${broken} failed`,
    `Failures: ${failures.length} (${words.join(', ')})`,
    ...worstFirst.flatMap((failure) => ['', ...renderFailure(failure, file, options)]),
    ...(includePassed && passed.length > 0 ? ['', ...renderPassed(passed, options)] : []),
  ];
}

function renderFailure(failure: Misconfiguration, { path, code }: ReportedFile, options: TextTableOptions): string[] {
  const { check, message, lines, resource } = failure;
  const { paint, width } = options;
  const place =
    lines === undefined ? path : `${path}:${lines.start}${lines.end === lines.start ? '' : `-${lines.end}`}`;
  const head = cleanText(`${check.id} (${check.severity}): ${message}`);
  const below = (text: string): string[] =>
    wrapText(cleanText(text), width - indent.length).map((line) => indent + line);
  return [
    ...wrapped(head, options).map((line) => paint(check.severity, line)),
    ...below(check.description),
    ...below(check.resolution),
    ...below(checkUrl(check)).map((line) => paint('faint', line)),
    ...below(resource === undefined ? place : `${place} (${resource})`),
    ...renderCode(code.get(failure) ?? [], options),
  ];
}

function renderCode(lines: readonly CodeLine[], { paint, width }: TextTableOptions): string[] {
  const digits = String(lines.at(-1)?.number ?? 0).length;
  return lines.map(({ number, content, truncated }) => {
    if (truncated) return paint('faint', `${indent}${'…'.padStart(digits)} │ …`);
    const margin = `${indent}${String(number).padStart(digits)} │ `;
    return `${paint('faint', margin)}${clip(cleanText(content), width - margin.length)}`.trimEnd();
  });
}

function renderPassed(passed: readonly CheckInfo[], { paint, width }: TextTableOptions): string[] {
  return [
    paint('good', `Passed: ${count(passed.length, 'check')}`),
    ...passed.flatMap(({ id, severity, title }) =>
      wrapText(cleanText(`${id} (${severity}): ${title}`), width - indent.length).map((line) => indent + line),
    ),
  ];
}

/** Code is not wrapped: its lines would no longer be those of the file. */
function clip(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let used = 0;
  let shown = '';
  for (const grapheme of splitGraphemes(text)) {
    used += displayWidth(grapheme);
    if (used > width - 1) break;
    shown += grapheme;
  }
  return `${shown}…`;
}
