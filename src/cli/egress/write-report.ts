import { allFindings, type JudgedEndpoint, type JudgedRoute, type NodeReport } from '../../egress/check/report.ts';
import { otherHost } from '../../egress/check/check-node.ts';
import type { Finding } from '../../egress/endpoint.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { paintWith, type Style } from '../../report/text/style.ts';
import { renderTextTable, type TextCell } from '../../report/text/text-table.ts';
import type { Host } from '../host.ts';
import { useColour } from '../terminal/colour.ts';

/** Writes a report for people: where each runtime asks, then what was found. */
export async function writeNodeReport(
  report: NodeReport,
  { stdout, env }: Pick<Host, 'stdout' | 'env'>,
): Promise<void> {
  const paint = paintWith(useColour(env, stdout.isTerminal));
  const columns = [{ header: 'Runtime' }, { header: 'Images of' }, { header: 'Asked in this order', least: 30 }];
  const rows = report.runtimes.flatMap(({ runtime, routes }) =>
    routes.map((route) => ({
      cells: [runtime, route.image === otherHost ? '(any other host)' : route.image, waysOf(route)],
    })),
  );
  const lines = rows.length === 0 ? [] : renderTextTable(columns, rows, { width: stdout.columns ?? 160, paint });
  const told = distinct(allFindings(report)).map(({ level, file, line, sentence, code }) => {
    const style: Style | undefined = level === 'way-out' ? 'CRITICAL' : level === 'unknown' ? 'warning' : undefined;
    const word = style === undefined ? level : paint(style, level.replace('-', ' '));
    return `${word}: ${cleanText(file === undefined ? sentence : `${file}${line === undefined ? '' : `:${line}`} ${sentence}`)} (${code})`;
  });
  const parts = [lines, told, [verdictLine(report)]].filter((part) => part.length > 0);
  await stdout.write(parts.map((part) => part.map((line) => `${line}\n`).join('')).join('\n'));
}

/** What it all comes to, in the order of the exit statuses. */
function verdictLine({ verdict, registry }: NodeReport): string {
  if (verdict === 'closed')
    return `Closed: images come from ${cleanText(registry)} and the exceptions of the policy alone.`;
  if (verdict === 'open') return `Open: images may come from elsewhere than ${cleanText(registry)}.`;
  return `Unknown: nothing shows a way out, and not everything could be told.`;
}

/** Each only once, the worst first; many routes lead through one file. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byText = new Map(
    findings.map((finding) => [`${finding.level} ${finding.file}:${finding.line} ${finding.sentence}`, finding]),
  );
  const order: readonly Finding['level'][] = ['way-out', 'unknown', 'note'];
  return [...byText.values()].toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function waysOf({ outcome, endpoints, open }: JudgedRoute): TextCell {
  if (outcome === 'blocked') return 'nobody';
  const list = endpoints
    .map(({ url, allowed }: JudgedEndpoint) => (allowed ? url : `${url} (elsewhere)`))
    .join(', then ');
  const text = outcome === 'refused' ? `${list}, and refused` : list;
  return open ? { text, style: 'CRITICAL' } : text;
}
