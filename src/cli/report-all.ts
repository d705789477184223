import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { errorMessage } from '../base/error.ts';
import type { ScanReport } from '../finding/scan-report.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';
import { groupTargets } from '../report/group-targets.ts';
import { filterReport } from '../match/ignore/apply-to-report.ts';
import { printable } from '../base/printable.ts';
import type { IgnoreRule, IgnoreRules } from '../match/ignore/rules.ts';
import type { StatementIndex } from '../match/vex/statement-index.ts';
import { sbomFormat } from '../sbom/list.ts';
import { ConfigError } from './config/error.ts';
import type { OutputTarget } from './config/output-target.ts';
import type { ResolvedSettings } from './config/resolve.ts';
import type { Settings } from './config/settings.ts';
import { deliverAll, requireOutputs } from './deliver.ts';
import { scanStatus } from './gate.ts';
import { readBounded } from './read-bounded.ts';
import type { Host } from './host.ts';
import { useColour } from './terminal/colour.ts';
import { readVexDocuments } from './vex-documents.ts';

/** Bytes of an ignore file that are read; its parser refuses far fewer. */
const maxIgnoreBytes = 32 * 2 ** 20;
/** Cells of a table in a pipe or a file. */
export const plainWidth = 120;
const autoIgnorefile = '.trivyignore';

/**
 * Applies the filters, writes every report that was asked for, and decides about the exit status.
 *
 * @param reports as looked up, unfiltered
 * @param vex what `requireReports` gave
 * @returns the exit status
 */
export async function reportAll(
  reports: readonly ScanReport[],
  vex: StatementIndex | undefined,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { settings } = resolved;
  const rules = await ignoreRules(settings, host);
  const filtered = reports.map((report) =>
    filterReport(report, {
      severities: new Set(settings.severity),
      ignoreUnfixed: settings.ignoreUnfixed,
      now: host.now(),
      targetOf: targetsOfReport(report),
      ...(rules === undefined ? {} : { rules }),
      ...(vex === undefined ? {} : { vex }),
    }),
  );
  await tellAboutRules(rules, filtered[0]?.expired ?? [], host);
  const shown = filtered.map((one) => one.shown);
  await deliverAll(
    (async function* texts() {
      for (const target of targetsOf(resolved)) {
        yield { target, text: await render(shown, target.format ?? settings.format, target, resolved, host) };
      }
    })(),
    host,
  );
  return scanStatus(
    filtered.map((one) => one.unfiltered),
    shown,
    settings,
  );
}

/**
 * Finds out before any work is done whether the reports that were asked for can be made.
 *
 * @param count of what is to be scanned
 * @returns what VEX documents say, which are read once
 * @throws ConfigError SETTING_INVALID; IgnoreError; VexError
 */
export async function requireReports(
  resolved: ResolvedSettings,
  count: number,
  host: Host,
): Promise<StatementIndex | undefined> {
  const targets = targetsOf(resolved);
  await requireOutputs(targets, host);
  await ignoreRules(resolved.settings, host);
  for (const { format = resolved.settings.format } of targets) {
    if (count > 1 && sbomFormat(format) !== undefined) throw oneImageOnly(format, count);
  }
  return await readVexDocuments(resolved.settings, host);
}

/** Standard output gets a report unless all of them were sent to files; `--format` given by hand is meant for it. */
export function targetsOf({ settings, origins }: ResolvedSettings): readonly OutputTarget[] {
  const { output, format } = settings;
  const asked = origins.get('format')?.kind !== 'default';
  const used = output.some(
    (target) => target.format === undefined || (target.format === format && target.file === undefined),
  );
  if (output.length === 0) return [{ format }];
  return asked && !used ? [{ format }, ...output] : output;
}

/** The headings under which reports show findings: paths of ignore rules are held against them too, as in Trivy. */
export function targetsOfReport(report: ScanReport): (finding: VulnerabilityFinding) => string {
  const names = new Map<VulnerabilityFinding, string>();
  for (const { target, findings } of groupTargets(report)) for (const finding of findings) names.set(finding, target);
  return (finding) => names.get(finding) ?? '';
}

/** The rules of the ignore file; undefined where there is none. @throws ConfigError SETTING_INVALID; IgnoreError */
export async function ignoreRules(settings: Settings, host: Host): Promise<IgnoreRules | undefined> {
  const path = resolve(host.cwd, settings.ignorefile ?? autoIgnorefile);
  if (settings.ignorefile === undefined && !existsSync(path)) return undefined;
  let text: string;
  try {
    text = (await readBounded(path, maxIgnoreBytes, host.signal)).toString('utf8');
  } catch (cause) {
    const message = `The ignore file ${path} cannot be read (${errorMessage(cause)}); name another with --ignorefile`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
  return (await import('../match/ignore/parse-ignore-file.ts')).parseIgnoreFile(text, basename(path));
}

/** Rules that have no effect are told: whoever wrote them counts on them. */
export async function tellAboutRules(
  rules: IgnoreRules | undefined,
  expired: readonly IgnoreRule[],
  host: Host,
): Promise<void> {
  if (rules === undefined) return;
  for (const { line, message } of rules.warnings) await host.stderr.write(`${rules.source}:${line}: ${message}\n`);
  for (const { line, id, expiresAt } of expired) {
    const day = new Date(expiresAt ?? 0).toISOString().slice(0, 10);
    await host.stderr.write(
      `${rules.source}:${line}: the rule for ${printable(id)} ended on ${day} and no longer sets anything aside\n`,
    );
  }
}

async function render(
  reports: readonly ScanReport[],
  id: string,
  target: OutputTarget,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<string> {
  const { reportFormat } = await import('../report/list.ts');
  const format = reportFormat(id);
  if (format === undefined) return renderSbom(reports, id, host);
  const terminal = target.file === undefined && host.stdout.isTerminal;
  return format.render(reports, {
    version: host.version,
    width: terminal ? (host.stdout.columns ?? 80) : plainWidth,
    colour: target.file === undefined && useColour(host.env, host.stdout.isTerminal),
    workingFolder: host.cwd,
    listAllPackages: settings.listAllPkgs,
  });
}

/** A bill of materials is about one image. */
async function renderSbom(reports: readonly ScanReport[], id: string, host: Host): Promise<string> {
  const [report] = reports;
  if (report === undefined || reports.length > 1) throw oneImageOnly(id, reports.length);
  return (await import('./commands/sbom.ts')).encodeSbom(report, id, host);
}

function oneImageOnly(format: string, count: number): ConfigError {
  const message = `${format} describes one image, and ${count} were named; use "seaworthy sbom" for each`;
  return new ConfigError('SETTING_INVALID', message);
}
