import { imageLimits } from '../../admission/image/limits.ts';
import { type HostPattern, parseHostPattern } from '../../admission/reach/host-pattern.ts';
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
  for (const secret of flags.pullSecret) {
    if (!/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(secret)) throw invalid('--pull-secret', secret, 'namespace/name');
  }
  for (const provider of flags.provider) {
    if (!clouds.some(({ name }) => name === provider)) throw invalid('--provider', provider, 'amazon, azure or google');
  }
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
    pullSecrets: flags.pullSecret,
    providers: flags.provider,
    reach: {
      allow: flags.allowRegistry.map((text) => patternOf('--allow-registry', text)),
      deny: flags.denyRegistry.map((text) => patternOf('--deny-registry', text)),
      refuse: flags.refuseNetwork.map(rangeOf),
    },
    exceptNamespaces: [...new Set(['kube-system', ...own, ...flags.exceptNamespace])],
    times: imageTimesOf(flags),
    cacheFolder,
  };
}

function noMatchOf(text: string | undefined): { readonly noMatch?: 'deny' | 'warn' | 'allow' } {
  if (text === undefined) return {};
  if (text === 'deny' || text === 'warn' || text === 'allow') return { noMatch: text };
  throw invalid('--unmatched', text, 'deny, warn or allow');
}

function addressOf(flag: string, text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw invalid(flag, text, 'host:port');
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
