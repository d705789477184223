import { resolve } from 'node:path';
import { gatekeeperLimits } from '../../admission/gatekeeper/limits.ts';
import { ProviderBundles } from '../../admission/gatekeeper/provider/provider-bundles.ts';
import type { AdmissionSettings } from '../../admission/service/model.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import type { ClusterPart } from './cluster-part.ts';
import { addressOf, type AdmissionFlags } from './flags.ts';

type Publish = (bundle: string) => Promise<boolean>;

/** What the flags say of how Gatekeeper is answered. @throws ConfigError */
export function gatekeeperSettingsOf(
  flags: AdmissionFlags,
  { cwd }: Pick<Host, 'cwd'>,
): Pick<AdmissionSettings, 'gatekeeper'> {
  const { gatekeeperListen, gatekeeperClientCa, gatekeeperProvider } = flags;
  if (gatekeeperListen === undefined) {
    if (gatekeeperClientCa === undefined && gatekeeperProvider.length === 0) return {};
    const flag = gatekeeperClientCa === undefined ? '--gatekeeper-provider' : '--gatekeeper-client-ca';
    throw new ConfigError('SETTING_INVALID', `${flag} is of no use where nobody listens; add --gatekeeper-listen`);
  }
  const { verifySeconds, mutateSeconds } = gatekeeperLimits;
  return {
    gatekeeper: {
      listen: addressOf('--gatekeeper-listen', gatekeeperListen),
      ...(gatekeeperClientCa === undefined ? {} : { clientCa: resolve(cwd, gatekeeperClientCa) }),
      verifySeconds: secondsOf('--gatekeeper-timeout', flags.gatekeeperTimeout, verifySeconds),
      mutateSeconds: secondsOf('--gatekeeper-mutate-timeout', flags.gatekeeperMutateTimeout, mutateSeconds),
    },
  };
}

/** Reads how long Gatekeeper waits. @throws ConfigError */
export function secondsOf(flag: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const seconds = Number(text);
  if (/^[1-9]\d?$/.test(text) && seconds <= gatekeeperLimits.longestSeconds) return seconds;
  const most = gatekeeperLimits.longestSeconds;
  throw new ConfigError('SETTING_INVALID', `${flag} is "${text}"; write seconds, from 1 to ${most}`);
}

/** What has others trust the authorities of what is served. */
export interface GatekeeperTrust {
  /** Tells API servers, and Gatekeeper where Providers are named; undefined where nothing in a cluster does. */
  readonly publish: Publish | undefined;
  /** Tells Providers that come to be later, until the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Has API servers, and Gatekeeper where Providers are named, trust the authorities of what is served. @throws ConfigError */
export function gatekeeperTrust(
  { gatekeeperProvider: names }: AdmissionFlags,
  cluster: ClusterPart | undefined,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): GatekeeperTrust {
  const { registrar } = cluster ?? {};
  const toServers: Publish | undefined = registrar === undefined ? undefined : (bundle) => registrar.publish(bundle);
  if (names.length === 0) return { publish: toServers, run: () => Promise.resolve() };
  if (cluster === undefined) {
    throw new ConfigError('SETTING_INVALID', '--gatekeeper-provider is about a cluster; add --cluster');
  }
  const { client, leader } = cluster;
  const providers = new ProviderBundles({ client, names, leads: () => leader.leads, logger });
  // Whatever becomes of one, the other is told: API servers wait for nothing of Gatekeeper's.
  const both: Publish = async (bundle) => {
    const done = await Promise.allSettled([toServers?.(bundle) ?? true, providers.publish(bundle)]);
    const failed = done.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
    return done.every((each) => each.status === 'fulfilled' && each.value);
  };
  return { publish: both, run: (signal) => providers.run(clock, signal) };
}
