import { printable } from '../../base/printable.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ConfigDeps } from '../../kubernetes/config/deps.ts';
import { findCluster } from '../../kubernetes/config/find-cluster.ts';
import { readKubeconfig } from '../../kubernetes/config/read-kubeconfig.ts';
import { openKubernetesClient } from '../../kubernetes/open-client.ts';
import type { Clock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { serverLogger } from '../server-logger.ts';
import { type ClusterOptions, rateOf } from './options.ts';

/** A cluster that is asked, and what it is called. */
export interface NamedCluster extends AsyncDisposable {
  /** The name of its context; `in-cluster` for the one that this pod runs in. */
  readonly name: string;
  readonly client: KubernetesClient;
}

/** What Trivy took for the whole cluster, or all kinds of the namespace, before it took the name of a context (v0.51). */
const wholeCluster: ReadonlySet<string> = new Set(['cluster', 'all']);

/**
 * Connects to the cluster of a context, or to the one that is meant where none is named.
 *
 * @param target a context, or a word of older command lines where no context is called so
 * @throws ConfigError SETTING_INVALID; KubernetesError CONFIG_MISSING, CONFIG_INVALID
 */
export async function openCluster(
  target: string | undefined,
  options: ClusterOptions,
  settings: Pick<Settings, 'debug' | 'quiet'>,
  host: Host,
  clock: Clock,
): Promise<NamedCluster> {
  // What a server tells by itself is nothing that whoever looks for images wants to read.
  const logger = serverLogger({ ...settings, quiet: true }, host);
  const deps: ConfigDeps = { env: host.env, home: host.home, clock, logger, signal: host.signal };
  const { kubeconfig, context: flag } = options;
  if (flag !== undefined && target !== undefined && !wholeCluster.has(target) && flag !== target) {
    throw new ConfigError('SETTING_INVALID', 'Two contexts are named; give one, as the argument or with --context');
  }
  const context = await contextOf(flag ?? target, deps, kubeconfig);
  const config = await findCluster({ kubeconfig, context }, deps);
  const rateLimit = rateOf(options);
  const client = openKubernetesClient(config, {
    clock,
    logger,
    userAgent: `seaworthy-k8s/${host.version}`,
    ...(rateLimit === undefined ? {} : { rateLimit }),
  });
  return {
    name: config.context ?? 'in-cluster',
    client,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function contextOf(
  target: string | undefined,
  deps: ConfigDeps,
  kubeconfig: string | undefined,
): Promise<string | undefined> {
  if (target === undefined) return undefined;
  const found = await readKubeconfig(deps, kubeconfig);
  if (found?.contexts.has(target) === true) return target;
  if (wholeCluster.has(target)) return undefined;
  // What is there is told where the context is looked up.
  if (found !== undefined) return target;
  const sentence = `There is no kubeconfig, so that no context is called "${printable(target)}"; name one with --kubeconfig, or leave it out for the cluster of this pod`;
  throw new ConfigError('SETTING_INVALID', sentence);
}
