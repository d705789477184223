import { resolve } from 'node:path';
import { sharedNames } from '../../admission/manifests/model.ts';
import type { UpkeepMetrics } from '../../admission/upkeep/metrics.ts';
import { ClusterVerdictStore } from '../../admission/verdict-cache/cluster-store.ts';
import { readFileKey } from '../../admission/verdict-cache/file-key.ts';
import { FileVerdictStore } from '../../admission/verdict-cache/file-store.ts';
import type { VerdictStore } from '../../admission/verdict-cache/model.ts';
import { readSealKey } from '../../admission/verdict-cache/seal-key.ts';
import type { Logger } from '../../base/logger.ts';
import { systemClock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import type { ClusterPart } from './cluster-part.ts';

/** Where verdicts are kept. */
export interface OpenVerdictStore extends AsyncDisposable {
  /** Absent where they are in memory alone. */
  readonly store?: VerdictStore;
  /** Clears up until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Keeps verdicts in the cluster, for all replicas, or else in a file, for the next start.
 *
 * @throws ConfigError where the file cannot be used
 */
export async function openVerdictStore(
  file: string | undefined,
  cluster: Pick<ClusterPart, 'client' | 'namespace' | 'leader'> | undefined,
  host: Host,
  logger: Logger,
  metrics: UpkeepMetrics,
): Promise<OpenVerdictStore> {
  if (cluster !== undefined && file !== undefined) {
    throw new ConfigError(
      'SETTING_INVALID',
      'Verdicts are kept in the cluster with --cluster; leave --verdict-file out',
    );
  }
  if (cluster !== undefined) return inCluster(cluster, host.signal, logger, metrics);
  if (file === undefined) return { run: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
  const path = resolve(host.cwd, file);
  try {
    const key = await readFileKey(`${path}.key`);
    const store = await FileVerdictStore.open({ path, key, clock: systemClock, logger });
    return { store, run: () => Promise.resolve(), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  } catch (error) {
    const sentence = `Verdicts cannot be kept in ${path}; give --verdict-file a file that may be written`;
    throw new ConfigError('SETTING_INVALID', sentence, { cause: error });
  }
}

function inCluster(
  { client, namespace, leader }: Pick<ClusterPart, 'client' | 'namespace' | 'leader'>,
  signal: AbortSignal,
  logger: Logger,
  metrics: UpkeepMetrics,
): OpenVerdictStore {
  const leads = (): boolean => leader.leads;
  let key: Promise<Uint8Array> | undefined;
  const store = new ClusterVerdictStore({
    client,
    // It is read once: whoever changes it has all verdicts made anew, and replicas start anew for that.
    key: () =>
      (key ??= readSealKey(
        { client, namespace, name: sharedNames.sealKey, leads, clock: systemClock, logger },
        signal,
      )),
    clock: systemClock,
    logger,
    leads,
    signal,
  });
  metrics.sharing(() => store.counts);
  return { store, run: (ended) => store.prune(ended), [Symbol.asyncDispose]: () => Promise.resolve() };
}
