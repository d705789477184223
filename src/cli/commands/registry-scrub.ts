import { parseByteSize } from '../../base/byte-size.ts';
import { isDigest } from '../../oci/digest.ts';
import { type Finding, type FindingKind, isMended } from '../../registry/scrub/finding.ts';
import type { ScrubReport } from '../../registry/scrub/report.ts';
import { type ScrubOptions, scrubRegistry } from '../../registry/scrub/scrub.ts';
import type { RepairJournal } from '../../registry/scrub/scrubbing.ts';
import { isOfUpstream } from '../../registry/upstream/names.ts';
import { paintWith } from '../../report/text/style.ts';
import { renderTextTable, type TextRow } from '../../report/text/text-table.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, registryExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { progressOf } from '../progress.ts';
import { type CommandTrail, openCommandTrail } from '../registry/command-trail.ts';
import { withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { useColour } from '../terminal/colour.ts';
import { countOf } from '../terminal/count-of.ts';
import { formatBytes } from '../terminal/format-bytes.ts';

/** How a registry is scrubbed, and how it is told. */
export interface RegistryScrubOptions extends RegistryPlace {
  readonly repair: boolean;
  /** Looks at sizes alone. */
  readonly fast: boolean;
  /** Bytes each second, such as `64MiB`. */
  readonly rate?: string;
  /** The digest at which an earlier scrub was stopped. */
  readonly after?: string;
  readonly format?: string;
}

/** `registry scrub`: compares records and bytes, both ways, and tells what is damaged. The registry may be serving. */
export function registryScrubCommand(
  { repair, fast, rate, after, format = 'table', ...place }: RegistryScrubOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (format !== 'table' && format !== 'json') {
    throw new ConfigError('SETTING_INVALID', `--format is "${format}"; give table or json`);
  }
  const asked = { ...rateOf(rate), ...startOf(after) };
  const { settings } = resolved;
  return withRegistry(place, resolved, host, async ({ content, config, database }) => {
    const progress = progressOf(settings, host);
    await using trail = repair ? openCommandTrail(database, command, settings, host) : undefined;
    const report = await scrubRegistry(content, {
      ...asked,
      repair,
      ...(trail === undefined ? {} : { journal: repairJournal(trail) }),
      hash: !fast,
      isSparse: (repository) => isOfUpstream(repository, config.upstreams.registries),
      signal: host.signal,
      logger: loggerOf(settings, host),
      ...(progress === undefined ? {} : { progress }),
    });
    if (format === 'json') await host.stdout.write(`${JSON.stringify(report)}\n`);
    else await writeTable(report, host);
    if (!settings.quiet) await host.stderr.write(`${summaryOf(report)}\n`);
    if (!report.finished) return host.interruptStatus() ?? exitCode.error;
    return report.open > 0 ? registryExitCode.damaged : exitCode.ok;
  });
}

const command = { name: 'registry scrub', action: 'scrub' } as const;

/** What each repair is, as a sentence; what is not named is never repaired. */
const repairs: Readonly<Partial<Record<FindingKind, string>>> = {
  'bytes-missing': 'Hidden until it is pushed again, since its bytes are missing',
  'bytes-wrong-size': 'Hidden until it is pushed again, since its bytes are too few or too many',
  'bytes-wrong': 'Hidden until it is pushed again, since its bytes are wrong',
  'whole-again': 'Shown again, since it is whole',
  'bytes-orphaned': 'Removed, since no record knew it',
  'link-missing': 'What it names was recorded again',
  'target-missing': 'The repository has it again, since its manifest names it',
};

function repairJournal(trail: CommandTrail): RepairJournal {
  return (queries, { kind, ...about }) => trail.record(queries, { ...about, what: repairs[kind] ?? kind });
}

function rateOf(text: string | undefined): Pick<ScrubOptions, 'bytesPerSecond'> {
  if (text === undefined) return {};
  const bytesPerSecond = parseByteSize(text);
  if (bytesPerSecond !== undefined && bytesPerSecond > 0) return { bytesPerSecond };
  throw new ConfigError('SETTING_INVALID', `--rate is "${text}"; write the bytes of a second as 64MiB or 500KB`);
}

function startOf(text: string | undefined): Pick<ScrubOptions, 'after'> {
  if (text === undefined) return {};
  if (isDigest(text)) return { after: text };
  throw new ConfigError('SETTING_INVALID', `--after is "${text}"; give the digest that the stopped scrub told`);
}

async function writeTable({ findings, counts }: ScrubReport, { stdout, env }: Host): Promise<void> {
  if (findings.length === 0) return;
  const columns = [
    { header: 'What' },
    { header: 'Digest' },
    { header: 'Repository', least: 12 },
    { header: 'Bytes', align: 'right' as const },
  ];
  const rows = findings.map(rowOf);
  const paint = paintWith(useColour(env, stdout.isTerminal));
  const lines = renderTextTable(columns, rows, { width: stdout.columns ?? 160, paint });
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all > findings.length) lines.push(`and ${all - findings.length} more; those above are the first`);
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function rowOf(finding: Finding): TextRow {
  const { kind, repository, holders = [], digest, target, size, advice } = finding;
  const what = isMended(finding) ? `${kind} (mended)` : kind;
  const named = target === undefined ? [] : [`It names ${target}`];
  return {
    cells: [what, digest, repository ?? holders.join(' '), size === undefined ? '' : formatBytes(size)],
    below: [...named, advice],
  };
}

function summaryOf(report: ScrubReport): string {
  const { finished, lookedAtBlobs, lookedAtManifests, readBytes, counts, open, lastBlob } = report;
  const seen = `${countOf(lookedAtManifests, 'manifest')} and ${countOf(lookedAtBlobs, 'blob')}`;
  const looked = `Looked at ${seen}, and read ${formatBytes(readBytes)}`;
  if (!finished) {
    const next = lastBlob === '' ? 'begin again' : `go on with --after ${lastBlob}`;
    return `${looked}; it was stopped before the end: ${next}`;
  }
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === 0) return `${looked}; all is whole`;
  return `${looked}; ${countOf(all, 'finding')}, of which ${all - open} ${all - open === 1 ? 'is' : 'are'} mended`;
}
