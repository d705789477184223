import { listCluster } from '../../cluster/discovery/list-cluster.ts';
import type { ClusterInventory } from '../../cluster/model.ts';
import { type HeldParts, holdReport, type SharedTexts } from '../../cluster/report/hold-report.ts';
import type { ClusterReport, HeldReport, ReportedImage, ReportKind } from '../../cluster/report/model.ts';
import { unknownOf } from '../../cluster/report/workload-rows.ts';
import { scanImages } from '../../cluster/scan/scan-images.ts';
import type { DatabaseInfo } from '../../finding/scan-report.ts';
import { filterReport } from '../../match/ignore/apply-to-report.ts';
import type { IgnoreRule, IgnoreRules } from '../../match/ignore/rules.ts';
import type { Clock } from '../../net/clock.ts';
import { formatPlatform, hostPlatform } from '../../oci/platform.ts';
import type { OutputTarget } from '../config/output-target.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { deliverAll, requireOutputs } from '../deliver.ts';
import { exitCode } from '../exit-code.ts';
import { scanStatus } from '../gate.ts';
import type { Host } from '../host.ts';
import { openLookup } from '../lookup.ts';
import { ignoreRules, targetsOf, targetsOfReport, tellAboutRules } from '../report-all.ts';
import type { ReadTarget } from '../scan-session.ts';
import { countOf } from '../terminal/count-of.ts';
import { timeLimited } from '../time-limit.ts';
import { openCluster } from './open-cluster.ts';
import { openScanner } from './open-scanner.ts';
import { type ClusterOptions, namesIn, reportKindOf, selectionOf, skippedOf } from './options.ts';
import { partsOf, renderReport, requireClusterFormat, wantsFindings } from './render-report.ts';
import { tellGaps, tellUnknownKinds } from './tell-gaps.ts';

/** Images at a time where nothing else is said: mostly, one waits for its registry. */
const usualWidth = 5;

/**
 * Scans what a cluster runs, and writes the reports that were asked for.
 *
 * @param target as of `openCluster`
 * @returns the exit status
 * @throws ConfigError, KubernetesError, ClusterError, VulndbError
 */
export async function scanCluster(
  target: string | undefined,
  options: ClusterOptions,
  resolved: ResolvedSettings,
  host: Host,
  clock: Clock,
): Promise<number> {
  const { settings } = resolved;
  const selection = selectionOf(options);
  const kind = reportKindOf(options);
  const isSkipped = skippedOf(options);
  const targets = targetsOf(resolved);
  for (const { format = settings.format } of targets) requireClusterFormat(format);
  await requireOutputs(targets, host);
  const rules = await ignoreRules(settings, host);
  await using opened = new AsyncDisposableStack();
  const scans = wantsFindings(targets, settings.format);
  // Before the cluster is asked: without a database there is no answer to give.
  const lookup = scans ? opened.use(openLookup(settings, host)) : undefined;
  const cluster = opened.use(await openCluster(target, options, settings, host, clock));
  const deadline = timeLimited(host.signal, settings.timeout);
  const now = (): Date => host.now();
  const inventory = await listCluster({
    client: cluster.client,
    cluster: cluster.name,
    selection,
    now,
    signal: deadline,
  });
  const expired: IgnoreRule[] = [];
  const images =
    lookup === undefined
      ? []
      : await scan({
          inventory,
          reduce: reducer(
            (read) => lookup.report(read),
            partsOf(targets, kind, settings, host),
            rules,
            expired,
            resolved,
            host,
          ),
          secrets: options.pullSecrets === false ? undefined : cluster.client,
          options,
          isSkipped,
          deadline,
          settings,
          host,
          clock,
        });
  await tellAboutRules(rules, expired, host);
  const report: ClusterReport = { inventory, images, createdAt: now().toISOString(), ...databaseOf(images) };
  await deliver(report, targets, kind, settings, host);
  await tellGaps(inventory, host);
  await tellUnknownKinds(namesIn(options.includeKinds), inventory, host);
  if (!settings.quiet) await host.stderr.write(`${sumOf(report, scans)}\n`);
  return statusOf(report);
}

interface Scan {
  readonly inventory: ClusterInventory;
  readonly reduce: (read: ReadTarget) => Promise<HeldReport>;
  readonly secrets: Parameters<typeof openScanner>[0]['secrets'];
  readonly options: ClusterOptions;
  readonly isSkipped: (name: string) => boolean;
  readonly deadline: AbortSignal;
  readonly settings: Settings;
  readonly host: Host;
  readonly clock: Clock;
}

async function scan({
  inventory,
  reduce,
  secrets,
  options,
  isSkipped,
  deadline,
  settings,
  host,
  clock,
}: Scan): Promise<readonly ReportedImage[]> {
  await using opened = await openScanner(
    {
      secrets,
      registryRate: options.registryRate ?? [],
      platform: usualPlatform(inventory) ?? formatPlatform({ ...hostPlatform(host.arch), os: 'linux' }),
      reduce,
      clock,
      signal: deadline,
    },
    settings,
    host,
  );
  return await scanImages(inventory, {
    scanner: opened.scanner,
    width: settings.parallel === 0 ? usualWidth : settings.parallel,
    clock,
    deadline,
    signal: host.signal,
    heldUntil: opened.heldUntil,
    isSkipped,
  });
}

/** Filters what was found in an image, judges it, and keeps what is told of it. */
function reducer(
  lookUp: ReturnType<typeof openLookup>['report'],
  parts: HeldParts,
  rules: IgnoreRules | undefined,
  expired: IgnoreRule[],
  { settings }: ResolvedSettings,
  host: Host,
): Scan['reduce'] {
  const texts: SharedTexts = new Map();
  const severities = new Set(settings.severity);
  return async (read) => {
    const report = lookUp(read);
    const filtered = filterReport(report, {
      severities,
      ignoreUnfixed: settings.ignoreUnfixed,
      now: host.now(),
      targetOf: targetsOfReport(report),
      ...(rules === undefined ? {} : { rules }),
    });
    if (expired.length === 0) expired.push(...filtered.expired);
    const status = scanStatus([filtered.unfiltered], [filtered.shown], settings);
    return await holdReport(filtered.shown, status, parts, texts);
  };
}

/** What most nodes are. */
function usualPlatform({ nodes }: ClusterInventory): string | undefined {
  const counts = new Map<string, number>();
  for (const { os, architecture } of nodes) {
    const platform = `${os}/${architecture}`;
    if (os !== '' && architecture !== '') counts.set(platform, (counts.get(platform) ?? 0) + 1);
  }
  return [...counts].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))[0]?.[0];
}

function databaseOf(images: readonly ReportedImage[]): { readonly database?: DatabaseInfo } {
  for (const { platforms } of images) {
    for (const each of platforms) {
      if (each.state === 'scanned' && each.report.database !== undefined) return { database: each.report.database };
    }
  }
  return {};
}

async function deliver(
  report: ClusterReport,
  targets: readonly OutputTarget[],
  kind: ReportKind,
  settings: Settings,
  host: Host,
): Promise<void> {
  await deliverAll(
    (async function* texts() {
      for (const to of targets) {
        yield { target: to, text: renderReport(report, kind, to.format ?? settings.format, to, host) };
        await Promise.resolve();
      }
    })(),
    host,
  );
}

/**
 * What could not be looked at comes first: a cluster of which something was missed never passes as clean, nor as merely vulnerable. Then
 * comes what was asked to fail on.
 */
function statusOf({ inventory, images }: ClusterReport): number {
  if (inventory.gaps.some(({ loses }) => loses === 'workloads')) return exitCode.error;
  if (images.some((image) => unknownOf(image).length > 0)) return exitCode.error;
  if (inventory.workloads.some(({ unreadable }) => unreadable.length > 0)) return exitCode.error;
  const statuses = images.flatMap(({ platforms }) =>
    platforms.flatMap((each) => (each.state === 'scanned' ? [each.report.status] : [])),
  );
  return statuses.find((status) => status !== exitCode.ok) ?? exitCode.ok;
}

function sumOf({ inventory, images }: ClusterReport, scans: boolean): string {
  const { cluster, workloads } = inventory;
  const runs = `${cluster} runs ${countOf(workloads.length, 'workload')}`;
  if (!scans) return runs;
  const of = (state: ReportedImage['state']): number => images.filter((image) => image.state === state).length;
  const rest = [
    ...(of('failed') > 0 ? [`${of('failed')} could not be scanned`] : []),
    ...(of('left') > 0
      ? [`${of('left')} not scanned in time; run it again to go on, or allow more with --timeout`]
      : []),
    ...(of('skipped') > 0 ? [`${of('skipped')} left out`] : []),
  ];
  return `${runs}; ${countOf(of('scanned'), 'image')} scanned${rest.map((text) => `, ${text}`).join('')}`;
}
