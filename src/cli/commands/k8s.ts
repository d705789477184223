import { manifestsText } from '../../kubernetes/manifests-text.ts';
import { listCluster } from '../../cluster/discovery/list-cluster.ts';
import type { ClusterInventory } from '../../cluster/model.ts';
import { scanRoles } from '../../cluster/rbac.ts';
import { runningImages } from '../../cluster/running-images.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { openCluster } from '../cluster/open-cluster.ts';
import { type ClusterOptions, selectionOf } from '../cluster/options.ts';
import { imagesAsJson, imagesAsTable, sumOf } from '../cluster/render-images.ts';
import { scanCluster } from '../cluster/scan-cluster.ts';
import { openScanProgress } from '../cluster/scan-progress.ts';
import { tellGaps, tellUnknownKinds } from '../cluster/tell-gaps.ts';
import { ConfigError } from '../config/error.ts';
import type { OutputTarget } from '../config/output-target.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { deliverAll, requireOutputs } from '../deliver.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { useColour } from '../terminal/colour.ts';
import { timeLimited } from '../time-limit.ts';

/** Cells of a table in a pipe or a file. */
const plainWidth = 160;

/**
 * `k8s [CONTEXT]`: tells what a cluster runs and how bad it is, and which rights that takes.
 *
 * @param target a context, or `cluster` or `all` of older command lines
 * @throws ConfigError, KubernetesError, ClusterError, VulndbError
 */
export async function k8sCommand(
  target: string | undefined,
  options: ClusterOptions,
  resolved: ResolvedSettings,
  host: Host,
  clock: Clock = systemClock,
): Promise<number> {
  const selection = selectionOf(options);
  if (options.showRbac === true) {
    const readsSecrets = options.pullSecrets !== false && options.listImages !== true;
    const judgesPolicies = (options.policy ?? []).length > 0;
    await host.stdout.write(manifestsText(scanRoles(selection, { readsSecrets, judgesPolicies })));
    return exitCode.ok;
  }
  if (options.listImages !== true) return await scanCluster(target, options, resolved, host, clock);
  const { settings } = resolved;
  const targets: readonly OutputTarget[] = settings.output.length === 0 ? [{}] : settings.output;
  for (const { format = settings.format } of targets) requireFormat(format);
  await requireOutputs(targets, host);
  await using cluster = await openCluster(target, options, settings, host, clock);
  const { client, name } = cluster;
  const signal = timeLimited(host.signal, settings.timeout);
  const inventory = await openScanProgress(settings, host).listing(name, (observe) =>
    listCluster({ client, cluster: name, selection, now: () => host.now(), observe, signal }),
  );
  const images = runningImages(inventory);
  await deliverAll(
    (async function* texts() {
      for (const to of targets) {
        const isJson = (to.format ?? settings.format) === 'json';
        yield { target: to, text: isJson ? imagesAsJson(inventory, images) : table(images, to, host) };
      }
    })(),
    host,
  );
  await tellGaps(inventory, host);
  await tellUnknownKinds(selection, inventory, host);
  if (!settings.quiet) await host.stderr.write(`${sumOf(inventory, images)}\n`);
  return statusOf(inventory);
}

/** What runs and was not seen is never told as nothing there. */
function statusOf({ gaps }: ClusterInventory): number {
  return gaps.some(({ loses }) => loses === 'workloads') ? exitCode.error : exitCode.ok;
}

function table(images: ReturnType<typeof runningImages>, { file }: OutputTarget, { stdout, env }: Host): string {
  const isTerminal = file === undefined && stdout.isTerminal;
  return imagesAsTable(images, {
    width: isTerminal ? (stdout.columns ?? 80) : plainWidth,
    colour: file === undefined && useColour(env, stdout.isTerminal),
  });
}

function requireFormat(format: string): void {
  if (format === 'table' || format === 'json') return;
  throw new ConfigError('SETTING_INVALID', `Images that run are listed as table or json, and not as ${format}`);
}
