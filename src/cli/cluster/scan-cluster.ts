import { listCluster } from '../../cluster/discovery/list-cluster.ts';
import type { ClusterInventory } from '../../cluster/model.ts';
import { compareReports } from '../../cluster/report/compare-reports.ts';
import type { EarlierReport } from '../../cluster/report/schema.ts';
import { compareSeverity } from '../../finding/severity.ts';
import type {
  ClusterChanges,
  ClusterReport,
  HeldReport,
  ReportedImage,
  ReportKind,
} from '../../cluster/report/model.ts';
import { unknownOf } from '../../cluster/report/workload-rows.ts';
import { scanImages } from '../../cluster/scan/scan-images.ts';
import type { DatabaseInfo } from '../../finding/scan-report.ts';
import type { IgnoreRule } from '../../match/ignore/rules.ts';
import type { Selection } from '../../cluster/selection.ts';
import { gathered } from '../../evidence/look.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { CompiledTexts } from '../../policy/dialects/model.ts';
import type { Clock } from '../../net/clock.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { formatPlatform, hostPlatform } from '../../oci/platform.ts';
import type { OutputTarget } from '../config/output-target.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { deliverAll, requireOutputs } from '../deliver.ts';
import { exitCode, policyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { type Lookup, openLookup } from '../lookup.ts';
import { policyFacts } from '../policy-facts.ts';
import { ignoreRules, targetsOf, tellAboutRules } from '../report-all.ts';
import { countOf } from '../terminal/count-of.ts';
import { timeLimited } from '../time-limit.ts';
import { readVexDocuments } from '../vex-documents.ts';
import { askedPart } from './asked-part.ts';
import { openCluster } from './open-cluster.ts';
import { type OpenedScanner, openScanner } from './open-scanner.ts';
import type { PolicySurroundings } from './policy-parts.ts';
import { type ClusterOptions, reportKindOf, selectionOf, skippedOf } from './options.ts';
import { partsOf, renderReport, requireClusterFormat, wantsFindings } from './render-report.ts';
import { openScanProgress, type ScanProgress } from './scan-progress.ts';
import { tellGaps, tellUnknownKinds } from './tell-gaps.ts';
import { usualPlatform } from './usual-platform.ts';
import { usualWidth } from './usual-width.ts';
import { openImageRecords } from './image-records.ts';
import { imageReducer, type ImageReducer } from './reduce-image.ts';

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
  const texts = await policiesOf(options, host);
  const earlier = await earlierOf(options, host);
  const rules = await ignoreRules(settings, host);
  const vex = await readVexDocuments(settings, host);
  await using opened = new AsyncDisposableStack();
  const scans = wantsFindings(targets, settings.format);
  // Before the cluster is asked: without a database there is no answer to give.
  const lookup = scans ? opened.use(openLookup(settings, host)) : undefined;
  const cluster = opened.use(await openCluster(target, options, settings, host, clock));
  const deadline = timeLimited(host.signal, settings.timeout);
  const now = (): Date => host.now();
  const progress = openScanProgress(settings, host);
  const { client, name } = cluster;
  const inventory = await progress.listing(name, (observe) =>
    listCluster({ client, cluster: name, selection, now, observe, signal: deadline }),
  );
  const expired: IgnoreRule[] = [];
  const records = openImageRecords(settings, () => now().getTime());
  if (records !== undefined) opened.defer(() => records.trim());
  const scanned =
    lookup === undefined
      ? { images: [] }
      : await scan({
          inventory,
          reduce: imageReducer({
            lookup,
            records,
            parts: partsOf(targets, kind, settings, host),
            rules,
            vex,
            expired,
            settings,
            host,
          }),
          lookup,
          selection,
          texts,
          client,
          progress,
          options,
          isSkipped,
          deadline,
          settings,
          host,
          clock,
        });
  await tellAboutRules(rules, expired, host);
  host.signal.throwIfAborted();
  const { images } = scanned;
  const part = askedPart(options, settings);
  const report: ClusterReport = {
    inventory,
    ...scanned,
    part,
    createdAt: now().toISOString(),
    ...databaseOf(images),
    ...(earlier === undefined || !scans ? {} : { changes: compareReports(earlier, { inventory, images, part }) }),
  };
  await deliver(report, targets, kind, settings, host);
  await tellGaps(inventory, host);
  for (const note of report.changes?.notes ?? []) await host.stderr.write(`${cleanText(`warning: ${note}`)}\n`);
  await tellUnknownKinds(selection, inventory, host);
  if (!settings.quiet) await host.stderr.write(`${sumOf(report, scans)}\n`);
  return statusOf(report, settings);
}

interface Scan {
  readonly inventory: ClusterInventory;
  readonly reduce: ImageReducer;
  readonly lookup: Lookup;
  readonly selection: Selection;
  /** Policies that what runs is held against. */
  readonly texts: CompiledTexts | undefined;
  readonly client: KubernetesClient;
  readonly progress: ScanProgress;
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
  lookup,
  selection,
  texts,
  client,
  progress,
  options,
  isSkipped,
  deadline,
  settings,
  host,
  clock,
}: Scan): Promise<Pick<ClusterReport, 'images' | 'policies'>> {
  const platform = usualPlatform(inventory) ?? formatPlatform({ ...hostPlatform(host.arch), os: 'linux' });
  await using opened = new AsyncDisposableStack();
  const scanner = opened.use(
    await openScanner(
      {
        secrets: options.pullSecrets === false ? undefined : client,
        registryRate: options.registryRate ?? [],
        platform,
        reduce,
        clock,
        signal: deadline,
      },
      settings,
      progress.host,
    ),
  );
  const images = await progress.reading((observe) =>
    scanImages(inventory, {
      scanner: scanner.scanner,
      width: settings.parallel === 0 ? usualWidth : settings.parallel,
      clock,
      deadline,
      signal: host.signal,
      heldUntil: scanner.heldUntil,
      isSkipped,
      observe,
    }),
  );
  if (texts === undefined) return { images };
  if (deadline.aborted) return { images, policies: { looked: 0, breaches: [], gaps: ['the time was over'] } };
  const { repositories } = scanner;
  const findings = scannedFindings(scanner, lookup, settings, host);
  const surroundings = { client, repositories, findings, platform, clock, signal: deadline };
  const { openPolicyParts } = await import('./policy-parts.ts');
  const { judgePolicies } = await import('./judge-policies.ts');
  const parts = await openPolicyParts(surroundings, texts, settings, host, opened);
  const { policies } = texts;
  return { images, policies: await judgePolicies({ client, parts, policies, selection, inventory, signal: deadline }) };
}

/** What is wrong with images, for policies that ask for it. */
function scannedFindings(
  { read }: Pick<OpenedScanner<HeldReport>, 'read'>,
  lookup: Lookup,
  settings: Settings,
  host: Host,
): PolicySurroundings['findings'] {
  return {
    revision: () => '',
    find: async (remote, { descriptor }, signal) =>
      await gathered(
        () => host.now().getTime(),
        signal,
        async () => {
          return policyFacts(await read(remote, descriptor.digest), lookup, settings);
        },
      ),
  };
}

async function earlierOf({ since }: ClusterOptions, host: Host): Promise<EarlierReport | undefined> {
  if (since === undefined) return undefined;
  return await (await import('./earlier-report.ts')).readEarlier(since, host);
}

async function policiesOf({ policy = [] }: ClusterOptions, host: Host): Promise<CompiledTexts | undefined> {
  if (policy.length === 0) return undefined;
  return await (await import('./policy-parts.ts')).readClusterPolicies(policy, host);
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
 * come policies, and at last what was asked to fail on.
 */
function statusOf({ inventory, images, policies, changes }: ClusterReport, settings: Settings): number {
  if (inventory.gaps.some(({ loses }) => loses === 'workloads')) return exitCode.error;
  if (images.some((image) => unknownOf(image).length > 0)) return exitCode.error;
  if (inventory.workloads.some(({ unreadable }) => unreadable.length > 0)) return exitCode.error;
  if ((policies?.gaps.length ?? 0) > 0) return exitCode.error;
  const outcomes = new Set(policies?.breaches.map(({ outcome }) => outcome));
  if (outcomes.has('denied')) return policyExitCode.denied;
  if (outcomes.has('undecided')) return policyExitCode.undecided;
  if (changes !== undefined) return statusOfChanges(changes, settings);
  const statuses = images.flatMap(({ platforms }) =>
    platforms.flatMap((each) => (each.state === 'scanned' ? [each.report.status] : [])),
  );
  return statuses.find((status) => status !== exitCode.ok) ?? exitCode.ok;
}

/** Where an earlier report is known, what is asked to fail on is what is new since then. */
function statusOfChanges({ found }: ClusterChanges, { failOn, exitCode: wanted }: Settings): number {
  if (failOn === undefined) return found.length > 0 ? wanted : exitCode.ok;
  const isBad = found.some(({ severity }) => compareSeverity(severity, failOn) >= 0);
  return isBad ? wanted || exitCode.findings : exitCode.ok;
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
