import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Network } from '../../net/network.ts';
import { SigningError } from '../../signing/error.ts';
import { signingLimits } from '../../signing/limits.ts';
import { parseTrustedRoot } from '../../signing/trust/parse-trusted-root.ts';
import { nobody, type TrustMaterial } from '../../signing/trust/trust-material.ts';
import type { TufAnchor } from '../../signing/trust/tuf/anchor.ts';
import type { Targets } from '../../signing/trust/tuf/open-targets.ts';
import type { CertificatePolicy, KeyPolicy } from '../../signing/verify/policy.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/** Whether anything is judged by what the user did not name: authorities, logs, timestamps. */
export function needsTrust(
  signer: KeyPolicy | CertificatePolicy,
  { insecureIgnoreTlog, useSignedTimestamps }: Pick<Settings, 'insecureIgnoreTlog' | 'useSignedTimestamps'>,
): boolean {
  const ownSigner = signer.kind === 'key' || (signer.authorities !== undefined && signer.scts === 0);
  return !ownSigner || !insecureIgnoreTlog || useSignedTimestamps;
}

/**
 * Whom to trust: the file that the user names, else what the TUF repository says.
 *
 * @param needed whether {@link needsTrust}; otherwise nothing is fetched
 * @throws SigningError TRUSTED_ROOT_INVALID, TRUSTED_ROOT_UNAVAILABLE; NetError for what the user decided
 */
export async function trustOf(
  settings: Settings,
  host: Host,
  network: Network,
  needed: boolean,
  signal: AbortSignal,
): Promise<TrustMaterial> {
  if (settings.trustedRoot !== undefined) {
    const bytes = await readInput(settings.trustedRoot, signingLimits.trustBytes, '--trusted-root', host);
    return parseTrustedRoot(bytes, settings.trustedRoot);
  }
  if (!needed) return nobody;
  const { mirror, targets } = await tufTargetsOf(settings, host, network, signal);
  const bytes = await targets('trusted_root.json');
  if (bytes !== undefined) return parseTrustedRoot(bytes, `of ${mirror}`);
  const advice = settings.offline
    ? 'run "seaworthy initialize" while there is a network, or name a file with --trusted-root'
    : 'name a file with --trusted-root';
  throw new SigningError('TRUSTED_ROOT_UNAVAILABLE', `There is no trusted root of ${mirror}; ${advice}`);
}

/** What the TUF repository holds that the settings name, and which one that is. */
export async function tufTargetsOf(
  settings: Settings,
  host: Host,
  network: Network,
  signal: AbortSignal,
): Promise<{ readonly mirror: string; readonly targets: Targets }> {
  const [{ openTargets }, { tufFolder }] = await Promise.all([
    import('../../signing/trust/tuf/open-targets.ts'),
    import('../../signing/trust/tuf/anchor.ts'),
  ]);
  const { mirror, root, seed } = await tufAnchorOf(settings, host);
  const sentences: string[] = [];
  const targets = await openTargets(
    {
      repository: { mirror, folder: tufFolder(settings.cacheDir, mirror), root },
      ...(seed === undefined ? {} : { seed }),
      ...(settings.offline ? {} : { network }),
      now: host.now(),
      warn: (sentence) => sentences.push(sentence),
    },
    signal,
  );
  for (const sentence of sentences) await host.stderr.write(`${sentence}\n`);
  return { mirror, targets };
}

/** The TUF repository that the settings name, or that `initialize` chose. @throws SigningError TRUSTED_ROOT_UNAVAILABLE */
export async function tufAnchorOf(settings: Settings, host: Host): Promise<TufAnchor> {
  const { anchorOf } = await import('../../signing/trust/tuf/anchor.ts');
  const chosen = await chosenMirror(settings, host);
  const anchor = await anchorOf(chosen?.mirror, (await rootOf(settings, host)) ?? chosen?.root);
  if (anchor !== undefined) return anchor;
  const mirror = chosen?.mirror ?? '';
  const message = `Nothing says how to trust ${mirror}; run "seaworthy initialize --mirror ${mirror} --root FILE", or add --tuf-root`;
  throw new SigningError('TRUSTED_ROOT_UNAVAILABLE', message);
}

/** What `initialize` wrote for all later commands. */
export interface ChosenMirror {
  readonly mirror: string;
  readonly root: Buffer;
}

/** Where `initialize` writes. */
export function chosenMirrorFile({ cacheDir }: Pick<Settings, 'cacheDir'>): string {
  return join(cacheDir, 'tuf', 'mirror.json');
}

/** The flag and the variables before what `initialize` wrote. */
async function chosenMirror(
  settings: Settings,
  host: Host,
): Promise<{ readonly mirror: string; readonly root?: Buffer } | undefined> {
  const named = settings.tufMirror ?? (host.env['TUF_MIRROR'] || undefined);
  const written = await readChosen(settings);
  if (named === undefined) return written;
  return written?.mirror.replace(/\/+$/, '') === named.replace(/\/+$/, '') ? written : { mirror: named };
}

async function readChosen(settings: Settings): Promise<ChosenMirror | undefined> {
  try {
    const text = await readFile(chosenMirrorFile(settings), 'utf8');
    const { mirror, root } = JSON.parse(text) as { readonly mirror: string; readonly root: string };
    return { mirror, root: Buffer.from(root, 'base64') };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const message = `What "seaworthy initialize" wrote cannot be read; run it again`;
    throw new SigningError('TRUSTED_ROOT_UNAVAILABLE', message, { cause });
  }
}

async function rootOf(settings: Settings, host: Host): Promise<Buffer | undefined> {
  const path = settings.tufRoot ?? (host.env['TUF_ROOT_JSON'] || undefined);
  if (path === undefined) return undefined;
  return readInput(resolve(host.cwd, path), signingLimits.trustBytes, '--tuf-root', host);
}
