import type { HeldParts } from '../../cluster/report/hold-report.ts';
import type { ClusterReport, ReportKind } from '../../cluster/report/model.ts';
import { renderJson } from '../../cluster/report/render-json.ts';
import { renderKbom } from '../../cluster/report/render-kbom.ts';
import { renderTable } from '../../cluster/report/render-table.ts';
import { ConfigError } from '../config/error.ts';
import type { OutputTarget } from '../config/output-target.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { useColour } from '../terminal/colour.ts';

/** Cells of a table in a pipe or a file. */
const plainWidth = 120;

/** @throws ConfigError SETTING_INVALID */
export function requireClusterFormat(format: string): void {
  if (format === 'table' || format === 'json' || format === 'cyclonedx-json') return;
  throw new ConfigError('SETTING_INVALID', `A cluster is told as table, json or cyclonedx-json, and not as ${format}`);
}

/** Whether an output tells what was found in images; a bill of materials of a cluster tells what it is made of. */
export function wantsFindings(targets: readonly OutputTarget[], usual: string): boolean {
  return targets.some(({ format = usual }) => format !== 'cyclonedx-json');
}

/** What the outputs need of each image. */
export function partsOf(
  targets: readonly OutputTarget[],
  kind: ReportKind,
  { format: usual }: Settings,
  host: Host,
): HeldParts {
  const table = targets.find(({ format = usual }) => format === 'table');
  return {
    ...(targets.some(({ format = usual }) => format === 'json') ? { json: kind } : {}),
    ...(table === undefined || kind !== 'all' ? {} : { table: looksOf(table, host) }),
  };
}

/** The report in a format, in pieces. */
export function renderReport(
  report: ClusterReport,
  kind: ReportKind,
  format: string,
  target: OutputTarget,
  host: Host,
): AsyncIterable<string | Uint8Array> {
  if (format === 'json') return renderJson(report, kind);
  if (format === 'cyclonedx-json') return renderKbom(report, host.version);
  return renderTable(report, kind, looksOf(target, host));
}

function looksOf({ file }: OutputTarget, { stdout, env }: Host): { readonly width: number; readonly colour: boolean } {
  const isTerminal = file === undefined && stdout.isTerminal;
  return {
    width: isTerminal ? (stdout.columns ?? 80) : plainWidth,
    colour: file === undefined && useColour(env, stdout.isTerminal),
  };
}
