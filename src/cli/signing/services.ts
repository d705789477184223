import type { Network } from '../../net/network.ts';
import { signingLimits } from '../../signing/limits.ts';
import type { LogAddress, SigningServices } from '../../signing/sign/services.ts';
import { parseSigningConfig, selectServices, type SigningConfig } from '../../signing/trust/signing-config.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import type { SignatureFormat } from './attach.ts';
import { readInput } from './read-input.ts';
import { isKeyless } from './signer.ts';
import { tufTargetsOf } from './trust.ts';

/** Where a command signs. */
export interface ChosenServices extends SigningServices {
  /** Certificate authorities and issuers for those who sign without a key, the first being meant. */
  readonly fulcioUrl?: string;
  readonly issuerUrl?: string;
}

/** The interfaces that are spoken; of Fulcio and issuers there is one. */
const logVersions = [1, 2];
const onlyVersion = [1];

/**
 * Decides which services to use: the addresses that the user names, else the signing config that the user names, else the one
 * of the TUF repository.
 *
 * @param keyless whether a certificate is needed
 * @throws SigningError SIGNING_CONFIG_INVALID, ConfigError
 */
export async function servicesOf(
  settings: Settings,
  host: Host,
  network: Network,
  keyless: boolean,
  signal: AbortSignal,
): Promise<ChosenServices> {
  const { fulcioUrl, rekorUrl, timestampServerUrl, oidcIssuer, tlogUpload, signingConfig } = settings;
  const named = [fulcioUrl, rekorUrl, timestampServerUrl].some((url) => url !== undefined);
  if (named && signingConfig !== undefined) {
    const message =
      '--signing-config names all services; leave --fulcio-url, --rekor-url and --timestamp-server-url out';
    throw new ConfigError('SETTING_INVALID', message);
  }
  // Nothing is asked of a config where the user said everything that this signature needs.
  const complete =
    (!tlogUpload || rekorUrl !== undefined) && (!keyless || (fulcioUrl !== undefined && oidcIssuer !== undefined));
  const config = complete && signingConfig === undefined ? undefined : await configOf(settings, host, network, signal);
  const now = host.now();
  const stamps =
    timestampServerUrl !== undefined
      ? [timestampServerUrl]
      : named || config === undefined || config.timestampAuthorities.services.length === 0
        ? []
        : selectServices(config.timestampAuthorities, onlyVersion, now, 'timestamp authority').map(({ url }) => url);
  const fulcio = fulcioUrl ?? (keyless ? firstOf(config?.authorities, now, 'certificate authority') : undefined);
  const issuer = oidcIssuer ?? (keyless ? firstOf(config?.issuers, now, 'identity provider') : undefined);
  return {
    network,
    logs: logsOf(settings, config, now),
    timestampAuthorities: stamps,
    ...(fulcio === undefined ? {} : { fulcioUrl: fulcio }),
    ...(issuer === undefined ? {} : { issuerUrl: issuer }),
  };
}

function logsOf({ tlogUpload, rekorUrl }: Settings, config: SigningConfig | undefined, now: Date): LogAddress[] {
  if (!tlogUpload) return [];
  if (rekorUrl !== undefined) return [{ url: rekorUrl, version: 1 }];
  // A config without logs is how cosign 3 signs without one.
  if (config === undefined || config.logs.services.length === 0) return [];
  return selectServices(config.logs, logVersions, now, 'transparency log').map(({ url, apiVersion }) => ({
    url,
    version: apiVersion === 2 ? 2 : 1,
  }));
}

function firstOf(services: SigningConfig['authorities'] | undefined, now: Date, kind: string): string | undefined {
  if (services === undefined) return undefined;
  return selectServices({ services, selector: 'any' }, onlyVersion, now, kind)[0]?.url;
}

async function configOf(settings: Settings, host: Host, network: Network, signal: AbortSignal): Promise<SigningConfig> {
  const path = settings.signingConfig;
  if (path !== undefined) {
    return parseSigningConfig(await readInput(path, signingLimits.trustBytes, '--signing-config', host), path);
  }
  const advice =
    'name the services with --signing-config, or with --fulcio-url, --oidc-issuer and --rekor-url; --tlog-upload=false needs no log';
  if (!settings.useSigningConfig) {
    throw new ConfigError('SETTING_INVALID', `--use-signing-config=false leaves no service to sign with; ${advice}`);
  }
  const { mirror, targets } = await tufTargetsOf(settings, host, network, signal);
  const bytes = await targets('signing_config.v0.2.json');
  if (bytes !== undefined) return parseSigningConfig(bytes, `of ${mirror}`, URL.parse(mirror) ?? undefined);
  throw new ConfigError('SETTING_INVALID', `${mirror} names no services to sign with; ${advice}`);
}

/**
 * A certificate lives for minutes: without a time that somebody vouches for, nobody can verify the signature later.
 *
 * @throws ConfigError SETTING_INVALID
 */
export function requireTimes(
  { logs, timestampAuthorities }: ChosenServices,
  format: SignatureFormat,
  settings: Settings,
): void {
  const tiled = logs.length > 0 && logs.every(({ version }) => version === 2);
  if (format !== 'bundle' && tiled) {
    const message =
      'The older form has no place for entries of Rekor v2; sign with --format bundle, or name a log of version 1 with --rekor-url';
    throw new ConfigError('SETTING_INVALID', message);
  }
  if (!isKeyless(settings) || timestampAuthorities.length > 0 || logs.some(({ version }) => version === 1)) return;
  const message =
    'Nothing would prove when this was signed, so nobody could verify it once the certificate has expired';
  throw new ConfigError('SETTING_INVALID', `${message}; add --timestamp-server-url, or sign with --key`);
}
