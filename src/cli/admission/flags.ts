import { imageLimits, type ImageTimes } from '../../admission/image/limits.ts';
import { type HostPattern, parseHostPattern } from '../../evidence/reach/host-pattern.ts';
import type { AdmissionSettings } from '../../admission/service/model.ts';
import { clouds } from '../../cloud/list.ts';
import { type ListenAddress, parseListenAddress } from '../../net/listen-address.ts';
import { type NetworkRange, parseNetworkRange } from '../../net/network-range.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { exactStyle, strictStyle } from '../../policy/kyverno/style.ts';
import type { UpkeepSettings } from '../../admission/upkeep/cluster-upkeep.ts';
import type { NetworkOptions } from '../../net/network.ts';
import type { RateLimitOptions } from '../../net/rate-limit.ts';
import { registryHost } from '../../oci/client/registry-client.ts';
import { ConfigError } from '../config/error.ts';
import { durationKind } from '../config/kinds.ts';
import { UnreadableValue, type ValueKind } from '../config/value-kind.ts';

/** What may be typed after `admission serve`. */
export interface AdmissionFlags {
  readonly listen: string;
  readonly metricsListen?: string;
  readonly policy: readonly string[];
  readonly cluster?: true;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly certDir?: string;
  readonly injectCaFrom?: string;
  readonly service?: string;
  readonly url?: string;
  readonly namespace?: string;
  readonly exceptNamespace: readonly string[];
  readonly pullSecret: readonly string[];
  readonly provider: readonly string[];
  readonly registryRate: readonly string[];
  readonly allowRegistry: readonly string[];
  readonly denyRegistry: readonly string[];
  readonly refuseNetwork: readonly string[];
  readonly platform: readonly string[];
  readonly kyvernoExact?: true;
  readonly kyvernoNamespace: string;
  readonly optInNamespaces?: true;
  readonly unmatched?: string;
  readonly defaultRegistry: string;
  readonly allowUnsupported?: true;
  readonly exceptionNamespace?: string;
  readonly logKeys?: true;
  readonly verdictAge: string;
  readonly staleAge: string;
  readonly verdictFile?: string;
  readonly reports: boolean;
  readonly events: boolean;
  readonly backgroundInterval: string;
  readonly scanWorkers: string;
  readonly scanMemory: string;
  readonly scanTime: string;
  readonly gatekeeperListen?: string;
  readonly gatekeeperClientCa?: string;
  readonly gatekeeperProvider: readonly string[];
  readonly gatekeeperTimeout?: string;
  readonly gatekeeperMutateTimeout?: string;
}

/** What the flags say to the webhook. @throws ConfigError, OciError PLATFORM_INVALID */
export function admissionSettingsOf(
  flags: AdmissionFlags,
  { cacheFolder, ownNamespace }: { readonly cacheFolder: string; readonly ownNamespace: string | undefined },
): AdmissionSettings {
  const { exceptionNamespace, metricsListen, kyvernoExact, allowUnsupported } = flags;
  const own = ownNamespace === undefined ? [] : [ownNamespace];
  return {
    listen: addressOf('--listen', flags.listen),
    ...(metricsListen === undefined ? {} : { plainListen: addressOf('--metrics-listen', metricsListen) }),
    kyverno: {
      style: kyvernoExact === true ? exactStyle : strictStyle,
      naming: { ...usualNaming, defaultRegistry: flags.defaultRegistry },
      namespace: flags.kyvernoNamespace,
      ...(allowUnsupported === true ? { unsupported: 'leaveOut' as const } : {}),
      ...(exceptionNamespace === undefined ? {} : { exceptionNamespace }),
    },
    policyController: { optIn: flags.optInNamespaces === true, ...noMatchOf(flags.unmatched) },
    logKeys: flags.logKeys === true,
    platforms: flags.platform.map(parsePlatform),
    ...registryAccessOf(flags),
    exceptNamespaces: [...new Set(['kube-system', ...own, ...flags.exceptNamespace])],
    times: imageTimesOf(flags),
    cacheFolder,
  };
}

/** Which registries are asked, and by which credentials. @throws ConfigError */
export function registryAccessOf(
  flags: Pick<AdmissionFlags, 'pullSecret' | 'provider' | 'allowRegistry' | 'denyRegistry' | 'refuseNetwork'>,
): Pick<AdmissionSettings, 'pullSecrets' | 'providers' | 'reach'> {
  for (const secret of flags.pullSecret) {
    if (!/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(secret)) throw invalid('--pull-secret', secret, 'namespace/name');
  }
  for (const provider of flags.provider) {
    if (!clouds.some(({ name }) => name === provider)) throw invalid('--provider', provider, 'amazon, azure or google');
  }
  return {
    pullSecrets: flags.pullSecret,
    providers: flags.provider,
    reach: {
      allow: flags.allowRegistry.map((text) => patternOf('--allow-registry', text)),
      deny: flags.denyRegistry.map((text) => patternOf('--deny-registry', text)),
      refuse: flags.refuseNetwork.map(rangeOf),
    },
  };
}

function noMatchOf(text: string | undefined): { readonly noMatch?: 'deny' | 'warn' | 'allow' } {
  if (text === undefined) return {};
  if (text === 'deny' || text === 'warn' || text === 'allow') return { noMatch: text };
  throw invalid('--unmatched', text, 'deny, warn or allow');
}

/** What is done in the cluster beside answers. @throws ConfigError */
export function upkeepSettingsOf({ reports, events, backgroundInterval }: AdmissionFlags): UpkeepSettings {
  const background = flagValue('--background-interval', backgroundInterval, durationKind);
  return { reports, events, ...(background === 0 ? {} : { background }) };
}

/** How often registries are asked, at most, by their hosts; one of no host is about all others. @throws ConfigError */
export function registryRates({ registryRate }: Pick<AdmissionFlags, 'registryRate'>): NetworkOptions['rateOf'] {
  if (registryRate.length === 0) return undefined;
  const rates = new Map<string, RateLimitOptions>();
  for (const text of registryRate) {
    const match = /^(?:([a-z0-9.-]+(?::\d+)?)=)?(\d{1,6})$/.exec(text);
    const qps = Number(match?.[2]);
    if (match === null || qps === 0)
      throw invalid('--registry-rate', text, 'a number of requests a second, or host=number');
    const [, host = ''] = match;
    // What a second may have is what may come at once: reading an image takes a few requests.
    rates.set(host === '' ? host : registryHost(host), { qps, burst: qps });
  }
  return (host) => rates.get(host) ?? rates.get('');
}

/** What a flag's text means. @throws ConfigError SETTING_INVALID */
export function flagValue<Value>(flag: string, text: string, kind: ValueKind<Value>): Value {
  try {
    return kind.parse([text]);
  } catch (error) {
    if (error instanceof UnreadableValue) throw invalid(flag, text, error.expected);
    throw error;
  }
}

/** How old verdicts may be. @throws ConfigError */
function imageTimesOf({ verdictAge, staleAge }: AdmissionFlags): ImageTimes {
  const goodTime = flagValue('--verdict-age', verdictAge, durationKind);
  const staleTime = flagValue('--stale-age', staleAge, durationKind);
  if (goodTime < 1000) throw invalid('--verdict-age', verdictAge, 'a duration of a second at least');
  if (staleTime !== 0 && staleTime < goodTime) {
    throw invalid('--stale-age', staleAge, 'a duration no shorter than --verdict-age, or 0');
  }
  // A verdict that is no longer good is never used for a silent registry, where that is not wanted.
  return { ...imageLimits, goodTime, staleTime: Math.max(staleTime, goodTime) };
}

/** Reads an address. @throws ConfigError */
export function addressOf(flag: string, text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw invalid(flag, text, 'host:port, with a port up to 65535');
  return address;
}

function patternOf(flag: string, text: string): HostPattern {
  const pattern = parseHostPattern(text);
  if (pattern === undefined) throw invalid(flag, text, 'host or host:port, with * for any characters');
  return pattern;
}

function rangeOf(text: string): NetworkRange {
  const range = parseNetworkRange(text);
  if (range === undefined) throw invalid('--refuse-network', text, '10.0.0.0/8, fd00::/8 or an address');
  return range;
}

function invalid(flag: string, text: string, form: string): ConfigError {
  return new ConfigError('SETTING_INVALID', `${flag} is "${text}"; write it as ${form}`);
}
