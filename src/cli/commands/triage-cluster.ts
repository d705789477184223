import { escapeJson } from '../../base/printable-json.ts';
import { listCluster } from '../../cluster/discovery/list-cluster.ts';
import { compileSelection } from '../../cluster/selection.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { formatPlatform, hostPlatform } from '../../oci/platform.ts';
import { parseQuestion } from '../../registry/scanning/triage/parse-question.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { paintWith } from '../../report/text/style.ts';
import { renderTextTable } from '../../report/text/text-table.ts';
import { type ClusterHits, findHits, unknownImages } from '../cluster/find-hits.ts';
import { openFoundRecords } from '../cluster/found-records.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import type { UnreadImage } from '../cluster/record-stored-sboms.ts';
import { tellGaps } from '../cluster/tell-gaps.ts';
import { usualPlatform } from '../cluster/usual-platform.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Settings } from '../config/settings.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openLookup } from '../lookup.ts';
import { countOf } from '../terminal/count-of.ts';
import { isTable } from '../terminal/is-table.ts';
import { useColour } from '../terminal/colour.ts';
import { timeLimited } from '../time-limit.ts';

/** Entries of a warning, and of a cell. */
const shown = { warning: 20, cell: 3 };

/** Which cluster is asked, and how the registries of its images are. */
export interface TriageClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly registryRate?: readonly string[];
  /** A table on terminals, else JSON, where nothing is said. */
  readonly format?: 'table' | 'json';
  /** False where no Secret is to be read. */
  readonly pullSecrets?: boolean;
}

/**
 * `triage QUERY --cluster`: tells which running workloads have a flaw, or versions of a package. It
 * asks the cluster what runs, and what was kept of scans what is in it. With keys of SBOMs, registries are asked for those of images of
 * which nothing is known.
 *
 * @throws TriageError, ConfigError, KubernetesError, ClusterError, VulndbError, SigningError
 */
export async function triageClusterCommand(
  query: string,
  options: TriageClusterOptions,
  { settings }: ResolvedSettings,
  host: Host,
  clock: Clock = systemClock,
): Promise<number> {
  const question = parseQuestion(query);
  await using opened = new AsyncDisposableStack();
  // What is known of flaws is what the database says now; packages are what they are. Either is about all of them.
  const whole: Settings = { ...settings, noProgress: true, pkgTypes: ['os', 'library'] };
  const lookup = question.kind === 'flaw' ? opened.use(openLookup(whole, host)) : undefined;
  const cluster = opened.use(await openCluster(undefined, options, settings, host, clock));
  const deadline = timeLimited(host.signal, settings.timeout);
  const now = (): Date => host.now();
  const { client, name } = cluster;
  // No image is pulled by what a list of service accounts says, unless registries are asked.
  const asksRegistries = settings.sbomKey.length > 0;
  const selection = compileSelection(asksRegistries ? {} : { excludeKinds: ['serviceaccounts'] });
  const inventory = await listCluster({ client, cluster: name, selection, now, signal: deadline });
  const platform = usualPlatform(inventory) ?? formatPlatform({ ...hostPlatform(host.arch), os: 'linux' });
  const records = opened.use(openFoundRecords(whole, { lookup, platform }, host));
  let unread: readonly UnreadImage[] = [];
  if (asksRegistries) {
    const { recordStoredSboms } = await import('../cluster/record-stored-sboms.ts');
    const secrets = options.pullSecrets === false ? undefined : client;
    const { registryRate = [] } = options;
    const search = { inventory, lookup, keep: records.keep, secrets, registryRate, platform, clock, deadline };
    unread = await recordStoredSboms(await unknownImages(inventory, records.find), search, whole, host);
  }
  const hits = await findHits(inventory, question, records.find);
  const told = { cluster: name, ...hits, ...(asksRegistries ? { unread } : {}), gaps: inventory.gaps };
  if (isTable(options.format, host.stdout)) await writeTable(hits, host);
  else await host.stdout.write(`${escapeJson(JSON.stringify(told))}\n`);
  await warn(query, hits, unread, host);
  await tellGaps(inventory, host);
  const namespaces = new Set(hits.workloads.map(({ namespace }) => namespace)).size;
  const sum = `Hit: ${countOf(hits.workloads.length, 'workload')} in ${countOf(namespaces, 'namespace')}`;
  if (!settings.quiet)
    await host.stderr.write(`${hits.workloads.length === 0 ? 'No workload is known to be hit' : sum}\n`);
  if (hits.workloads.length > 0) return exitCode.findings;
  const isLost = inventory.gaps.some(({ loses }) => loses === 'workloads');
  const isUnsure = hits.unreadable.length + hits.unknown.length + hits.incomplete.length > 0;
  return isLost || isUnsure ? exitCode.error : exitCode.ok;
}

async function warn(
  query: string,
  { unreadable, unknown, incomplete }: ClusterHits,
  unread: readonly UnreadImage[],
  { stderr }: Host,
): Promise<void> {
  const tell = async (what: string, entries: readonly string[]): Promise<void> => {
    if (entries.length === 0) return;
    await stderr.write(`${cleanText(`warning: ${what}: ${few(entries, shown.warning)}`)}\n`);
  };
  await tell('perhaps hit as well, since nothing is known of them; scan them with "seaworthy k8s"', unknown);
  for (const { image, failure } of unread.slice(0, shown.warning)) {
    await stderr.write(`${cleanText(`${image}: ${failure.message}`)}\n`);
  }
  await tell('perhaps hit as well, since they are known in part only', incomplete);
  await tell(`the versions of these packages cannot be compared with "${query}"; look at them by hand`, unreadable);
}

async function writeTable({ workloads }: ClusterHits, { stdout, env }: Host): Promise<void> {
  if (workloads.length === 0) return;
  const columns = [
    { header: 'Namespace', least: 9 },
    { header: 'Workload', least: 12 },
    { header: 'Owner', least: 8 },
    { header: 'Pods', align: 'right' as const },
    { header: 'Images', least: 16 },
    { header: 'Packages', least: 12 },
  ];
  const rows = workloads.map(({ namespace, kind, name, owner, pods, images }) => ({
    cells: [
      namespace,
      `${kind}/${name}`,
      owner === undefined ? '' : `${owner.kind}/${owner.name}`,
      String(pods),
      few(
        images.map(({ image, digest }) => `${image}@${digest.slice(0, digest.indexOf(':') + 13)}`),
        shown.cell,
      ),
      few([...new Set(images.flatMap(({ packages }) => packages))], shown.cell),
    ],
  }));
  const paint = paintWith(useColour(env, stdout.isTerminal));
  const lines = renderTextTable(columns, rows, { width: stdout.columns ?? 160, paint });
  await stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function few(entries: readonly string[], most: number): string {
  const more = entries.length - most;
  return `${entries.slice(0, most).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
