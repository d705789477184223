import { access } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { SigningError } from '../../signing/error.ts';
import { notationLimits } from '../../signing/notation/limits.ts';
import { parseTrustPolicy } from '../../signing/notation/parse-trust-policy.ts';
import type { TrustStatement } from '../../signing/notation/trust-policy.ts';
import { openTrustStores, type ReadTrustStore } from '../../signing/notation/trust-stores.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/** Where a trust policy and trust stores are, as the user says. */
export interface NotationTrustOptions {
  readonly trustPolicy?: string;
  readonly trustStore?: string;
}

/** Whom to trust, as notation is told. */
export interface NotationTrust {
  readonly statements: readonly TrustStatement[];
  readonly readStore: ReadTrustStore;
}

/**
 * Reads the trust policy and opens the trust stores that the user names, else those that notation itself would take.
 *
 * @throws ConfigError SETTING_INVALID, SigningError TRUST_POLICY_INVALID
 */
export async function notationTrustOf(options: NotationTrustOptions, host: Host): Promise<NotationTrust> {
  const folders = configFolders(host);
  const policy = options.trustPolicy ?? (await firstThere(folders.flatMap((folder) => policyFiles(folder))));
  if (policy === undefined) {
    const message =
      'Nothing says whom to trust: there is no trustpolicy.json where notation has it; name one with --trust-policy';
    throw new SigningError('TRUST_POLICY_INVALID', message);
  }
  const bytes = await readInput(policy, notationLimits.policyBytes, '--trust-policy', host);
  const statements = parseTrustPolicy(bytes, policy);
  const stores = folders.map((folder) => join(folder, 'truststore'));
  const store =
    options.trustStore ?? (await firstThere(stores)) ?? join(host.home, '.config', 'notation', 'truststore');
  return { statements, readStore: openTrustStores(resolve(host.cwd, store)) };
}

/** Where notation keeps its configuration on Linux, macOS and Windows (Go's `os.UserConfigDir`). */
function configFolders({ env, home }: Host): readonly string[] {
  const named = env['XDG_CONFIG_HOME'] ?? '';
  const application = env['AppData'] ?? '';
  return [
    isAbsolute(named) ? named : join(home, '.config'),
    join(home, 'Library', 'Application Support'),
    ...(isAbsolute(application) ? [application] : []),
  ].map((folder) => join(folder, 'notation'));
}

/** The policy for images alone goes before the older one for everything. */
function policyFiles(folder: string): readonly string[] {
  return ['trustpolicy.oci.json', 'trustpolicy.json'].map((name) => join(folder, name));
}

async function firstThere(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    try {
      await access(path);
      return path;
    } catch (error) {
      // One that is there and may not be read is taken, so that reading it says so.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return path;
    }
  }
  return undefined;
}
