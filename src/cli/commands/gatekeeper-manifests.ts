import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { gatekeeperLimits } from '../../admission/gatekeeper/limits.ts';
import { gatekeeperManifests } from '../../admission/gatekeeper/manifests.ts';
import { admissionLimits } from '../../admission/limits.ts';
import { manifestsText } from '../../admission/manifests/manifests-text.ts';
import { readCappedFile } from '../../base/capped-file.ts';
import { secondsOf } from '../admission/gatekeeper.ts';
import { ConfigError } from '../config/error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** What is given to `gatekeeper manifests`. */
export interface GatekeeperManifestsOptions {
  readonly url: string;
  readonly caBundle: string;
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
  const { url, caBundle, excludeNamespace, mutate, scan } = options;
  const { verifySeconds, mutateSeconds } = gatekeeperLimits;
  const enforcement = enforcements.find((each) => each === options.enforcement);
  if (enforcement === undefined) {
    throw new ConfigError('SETTING_INVALID', `--enforcement is "${options.enforcement}"; give deny, dryrun or warn`);
  }
  if (!/^https:\/\/[^/?#@\s]+$/.test(url)) {
    throw new ConfigError('SETTING_INVALID', `--url is "${url}"; give https:// and a host, without a path`);
  }
  const manifests = gatekeeperManifests({
    url,
    caBundle: await readBundle(resolve(host.cwd, caBundle)),
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
