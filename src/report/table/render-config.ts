import type { ConfigReport } from '../../finding/config-report.ts';
import type { ConfigReportFormat } from '../config-format.ts';
import { cleanText } from '../text/clean-text.ts';
import { paintWith } from '../text/style.ts';
import type { TextTableOptions } from '../text/text-table.ts';
import { bullet, count, wrapped } from './lines.ts';
import { renderCheckedFile } from './render-checked-file.ts';
import { renderProblems } from './render-problems.ts';

/** Narrower terminals get lines that are too long. */
const leastWidth = 60;

/** For people: what is wrong in each file, with its lines, and below what was not looked at, set aside or found good. */
export const tableConfigReport: ConfigReportFormat = {
  id: 'table',
  render(reports, { width, colour, includePassed }): string {
    const options = { width: Math.max(leastWidth, width), paint: paintWith(colour) };
    const lines = reports.flatMap((report, index) => [
      ...(index === 0 ? [] : ['', '']),
      ...renderReport(report, includePassed, options),
    ]);
    return `${lines.join('\n')}\n`;
  },
};

function renderReport(report: ConfigReport, includePassed: boolean, options: TextTableOptions): string[] {
  const shown = report.files.filter(
    ({ failures, passed }) => failures.length > 0 || (includePassed && passed.length > 0),
  );
  const parts = [
    ...shown.map((file) => renderCheckedFile(file, includePassed, options)),
    verdict(report, options),
    renderProblems(report.problems, 'findings', options),
    setAside(report, options),
  ];
  const looked = count(report.files.length, 'file');
  return [
    ...wrapped(cleanText(report.name), options).map((line) => options.paint('heading', line)),
    options.paint('faint', `${looked} looked at`),
    ...parts.flatMap((part) => (part.length === 0 ? [] : ['', ...part])),
  ];
}

/** Says what has no findings, in words that fit what was asked. */
function verdict({ files, problems }: ConfigReport, options: TextTableOptions): string[] {
  const { paint } = options;
  if (files.length === 0) {
    return wrapped('No configuration was found that is checked, so there was nothing to look at.', options).map(
      (line) => paint('warning', line),
    );
  }
  const clean = files.filter((file) => file.failures.length === 0 && file.problems.length === 0);
  if (clean.length === 0) return [];
  const heading =
    problems.length === 0
      ? paint('good', 'Without findings:')
      : paint('warning', 'Without findings, as far as could be looked at:');
  return [heading, ...clean.flatMap(({ path, type }) => bullet(`${path} (${type})`, options))];
}

function setAside({ files }: ConfigReport, options: TextTableOptions): string[] {
  const sources = Map.groupBy(
    files.flatMap(({ ignored }) => ignored),
    ({ by }) => by,
  );
  if (sources.size === 0) return [];
  const total = [...sources.values()].reduce((sum, { length }) => sum + length, 0);
  return [
    `Set aside: ${count(total, 'finding')}`,
    ...[...sources].flatMap(([by, all]) =>
      bullet(`${[...new Set(all.map(({ failure }) => failure.check.id))].join(', ')} by ${by}`, options),
    ),
  ];
}
