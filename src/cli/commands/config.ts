import { resolve } from 'node:path';
import { isSeaworthyError } from '../../base/error.ts';
import { silentProgress } from '../../base/progress.ts';
import type { ConfigReport } from '../../finding/config-report.ts';
import { configFormats } from '../../misconfig/list.ts';
import { configReportFormat } from '../../report/config-list.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { checkConfig, type ConfigContext } from '../../scan/config/check-files.ts';
import { filterConfig } from '../../scan/config/filter-report.ts';
import { ConfigError } from '../config/error.ts';
import type { OutputTarget } from '../config/output-target.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { deliverAll, requireOutputs } from '../deliver.ts';
import { describeError } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import { configStatus } from '../gate.ts';
import type { Host } from '../host.ts';
import { progressOf } from '../progress.ts';
import { ignoreRules, plainWidth, targetsOf, tellAboutRules } from '../report-all.ts';
import { useColour } from '../terminal/colour.ts';
import { timeLimited } from '../time-limit.ts';

/**
 * `config PATH…`: finds what is wrong in files of configuration.
 *
 * Of several paths, one that is not there is told on stderr and costs the exit status, not the others' reports.
 */
export async function configCommand(paths: readonly string[], resolved: ResolvedSettings, host: Host): Promise<number> {
  const { settings } = resolved;
  const targets = targetsOf(resolved);
  const written = targets.map((target) => ({ target, format: formatOf(target, settings) }));
  await requireOutputs(targets, host);
  const rules = await ignoreRules(settings, host);
  const reports = await checkAll(paths, settings, host);
  const filtered = reports.map((report) =>
    filterConfig(report, {
      severities: new Set(settings.severity),
      now: host.now(),
      ...(rules === undefined ? {} : { rules }),
    }),
  );
  await tellAboutRules(rules, filtered[0]?.expired ?? [], host);
  const shown = filtered.map((one) => one.shown);
  await deliverAll(
    (async function* texts() {
      for (const { target, format } of written) yield { target, text: format.render(shown, renderOptions(target)) };
    })(),
    host,
  );
  const status = configStatus(
    filtered.map((one) => one.unfiltered),
    shown,
    settings,
  );
  return reports.length < paths.length ? exitCode.error : status;

  function renderOptions({ file }: OutputTarget): Parameters<ReturnType<typeof formatOf>['render']>[1] {
    const isTerminal = file === undefined && host.stdout.isTerminal;
    return {
      version: host.version,
      width: isTerminal ? (host.stdout.columns ?? 80) : plainWidth,
      colour: file === undefined && useColour(host.env, host.stdout.isTerminal),
      workingFolder: host.cwd,
      includePassed: settings.includeNonFailures,
    };
  }
}

async function checkAll(paths: readonly string[], settings: Settings, host: Host): Promise<ConfigReport[]> {
  const shown = progressOf(settings, host);
  const context: ConfigContext = {
    formats: configFormats.filter(({ name }) => settings.misconfigScanners.some((wanted) => wanted === name)),
    skipped: new Set(settings.skipCheck.map((id) => id.toLowerCase())),
    now: host.now().getTime(),
    skip: { directories: settings.skipDirs, files: settings.skipFiles },
    progress: shown ?? silentProgress,
    signal: timeLimited(host.signal, settings.timeout),
  };
  const reports: ConfigReport[] = [];
  try {
    for (const path of paths) {
      try {
        reports.push(await checkConfig(path, resolve(host.cwd, path), context));
      } catch (error) {
        if (context.signal.aborted) throw context.signal.reason;
        if (!isSeaworthyError(error) || paths.length === 1) throw error;
        shown?.clear();
        await host.stderr.write(`${cleanText(path)}: ${describeError(error)}\n`);
      }
    }
  } finally {
    shown?.clear();
  }
  return reports;
}

/** @throws ConfigError SETTING_INVALID for a bill of materials */
function formatOf(target: OutputTarget, settings: Settings): NonNullable<ReturnType<typeof configReportFormat>> {
  const id = target.format ?? settings.format;
  const format = configReportFormat(id);
  if (format !== undefined) return format;
  throw new ConfigError(
    'SETTING_INVALID',
    `${id} lists packages, of which configuration has none; write table, json or sarif`,
  );
}
