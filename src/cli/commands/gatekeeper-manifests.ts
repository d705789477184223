import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { planRotation } from '../../admission/certificates/plan-rotation.ts';
import { gatekeeperLimits } from '../../admission/gatekeeper/limits.ts';
import { gatekeeperManifests } from '../../admission/gatekeeper/manifests.ts';
import { admissionLimits } from '../../admission/limits.ts';
import { defaultGatekeeperSettings, defaultManifestSettings } from '../../admission/manifests/model.ts';
import { manifestsText } from '../../kubernetes/manifests-text.ts';
import { readCappedFile } from '../../base/capped-file.ts';
import { secondsOf } from '../admission/gatekeeper.ts';
import { gatekeeperPortOf } from '../admission/gatekeeper-manifests.ts';
import { checkNamespace } from '../admission/names.ts';
import { ConfigError } from '../config/error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** What is given to `gatekeeper manifests`. */
export interface GatekeeperManifestsOptions {
  readonly namespace?: string;
  readonly port?: string;
  readonly url?: string;
  readonly caBundle?: string;
  readonly enforcement: string;
  readonly excludeNamespace: readonly string[];
  readonly mutate?: true;
  readonly scan?: true;
  readonly timeout?: string;
  readonly mutateTimeout?: string;
}

const enforcements = ['deny', 'dryrun', 'warn'] as const;

/** `gatekeeper manifests`: writes what has Gatekeeper ask this program about images. */
export async function gatekeeperManifestsCommand(options: GatekeeperManifestsOptions, host: Host): Promise<number> {
  const { caBundle, excludeNamespace, mutate, scan } = options;
  const { verifySeconds, mutateSeconds } = gatekeeperLimits;
  const enforcement = enforcements.find((each) => each === options.enforcement);
  if (enforcement === undefined) {
    throw new ConfigError('SETTING_INVALID', `--enforcement is "${options.enforcement}"; give deny, dryrun or warn`);
  }
  const manifests = gatekeeperManifests({
    url: urlOf(options),
    caBundle: caBundle === undefined ? nobody() : await readBundle(resolve(host.cwd, caBundle)),
    verifySeconds: secondsOf('--timeout', options.timeout, verifySeconds),
    mutateSeconds: secondsOf('--mutate-timeout', options.mutateTimeout, mutateSeconds),
    enforcement,
    excludedNamespaces: excludeNamespace.length === 0 ? ['kube-system', 'gatekeeper-system'] : excludeNamespace,
    mutate: mutate === true,
    scan: scan === true,
  });
  await host.stdout.write(manifestsText(manifests));
  return exitCode.ok;
}

/** Where Gatekeeper asks: the Service of the manifests, or what is said. */
function urlOf({ url, namespace, port }: GatekeeperManifestsOptions): string {
  if (url === undefined) {
    const place = namespace ?? defaultManifestSettings.namespace;
    checkNamespace(place);
    const open = gatekeeperPortOf('--port', port, defaultGatekeeperSettings.port);
    return `https://${defaultManifestSettings.name}.${place}.svc:${open}`;
  }
  const other = namespace === undefined ? (port === undefined ? undefined : '--port') : '--namespace';
  if (other !== undefined) {
    throw new ConfigError('SETTING_INVALID', `${other} is of no use with --url; leave one of them out`);
  }
  if (!/^https:\/\/[^/?#@\s]+$/.test(url)) {
    throw new ConfigError('SETTING_INVALID', `--url is "${url}"; give https:// and a host, without a path`);
  }
  return url;
}

/**
 * An authority whose key is nowhere. Gatekeeper takes no Provider without one, and this one vouches for nobody until the webhook writes
 * its own.
 */
function nobody(): string {
  return planRotation(undefined, Date.now(), { dnsNames: ['nobody.invalid'] }).state.authority.certificate;
}

async function readBundle(path: string): Promise<string> {
  let text: string;
  try {
    text = (await readCappedFile(path, admissionLimits.certificateBytes))?.toString() ?? '';
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`;
    throw new ConfigError('SETTING_INVALID', `${path} ${why}; name the file with the authority of --url`, { cause });
  }
  try {
    // A file with a key in it must not be handed to a cluster.
    if (/PRIVATE KEY/.test(text)) throw new Error('it holds a private key');
    void new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new ConfigError('SETTING_INVALID', `${path} holds no certificates in PEM; give the authority's`, { cause });
  }
}
