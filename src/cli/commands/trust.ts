import { createHash } from 'node:crypto';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { SigningError } from '../../signing/error.ts';
import { signingLimits } from '../../signing/limits.ts';
import { tufFolder } from '../../signing/trust/tuf/anchor.ts';
import { publicGoodMirror, seedOf } from '../../signing/trust/tuf/public-good.ts';
import { refreshTufRepository } from '../../signing/trust/tuf/refresh.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readInput } from '../signing/read-input.ts';
import { SigningSession } from '../signing/session.ts';
import { stagingMirror } from '../signing/staging.ts';
import { chosenMirrorFile } from '../signing/trust.ts';

/** How `initialize` finds whom to trust. */
export interface InitializeOptions {
  readonly mirror?: string;
  /** A file or an https address. */
  readonly root?: string;
  /** SHA-256 or, with its name before it, SHA-512 of the root. */
  readonly rootChecksum?: string;
  readonly staging: boolean;
}

/** `initialize`: fetches whom to trust from a TUF repository, which all later commands then use. */
export async function initializeCommand(
  { mirror: named, root: rootPath, rootChecksum, staging }: InitializeOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (settings.offline) throw new ConfigError('SETTING_INVALID', '"initialize" asks the network; leave --offline out');
  await using session = new SigningSession(settings, host);
  const mirror = named ?? (staging ? stagingMirror : publicGoodMirror);
  const network = await session.network();
  const root = rootPath === undefined ? (await seedOf(mirror))?.root : await readRoot(rootPath, session, host);
  if (root === undefined) {
    const message = `Nothing says how to trust ${mirror}; name its root metadata with --root FILE`;
    throw new SigningError('TRUSTED_ROOT_UNAVAILABLE', message);
  }
  if (rootChecksum !== undefined) checkRoot(root, rootChecksum);
  const repository = { mirror, folder: tufFolder(settings.cacheDir, mirror), root };
  const { targets, expires } = await refreshTufRepository(repository, network, host.now(), session.signal);
  if (!targets.has('trusted_root.json')) {
    throw new SigningError('TRUSTED_ROOT_INVALID', `${mirror} has no trusted_root.json; check --mirror`);
  }
  const chosen = JSON.stringify({ mirror, root: root.toString('base64') });
  await writeFileAtomic(chosenMirrorFile(settings), chosen, { durable: true });
  await host.stderr.write(
    `Trusting ${mirror}, asked again when its word ends on ${expires.toISOString()} at the latest\n`,
  );
  for (const name of targets.keys()) await host.stdout.write(`${name}\n`);
  return exitCode.ok;
}

async function readRoot(path: string, session: SigningSession, host: Host): Promise<Buffer> {
  if (!/^https?:\/\//.test(path)) return readInput(path, signingLimits.trustBytes, '--root', host);
  const { askService } = await import('../../signing/service.ts');
  return (await askService(await session.network(), { name: 'the address of the root', url: path }, session.signal))
    .body;
}

function checkRoot(root: Buffer, checksum: string): void {
  const [algorithm, hex] = checksum.includes(':') ? (checksum.split(':', 2) as [string, string]) : ['sha256', checksum];
  if (!['sha256', 'sha512'].includes(algorithm)) {
    throw new ConfigError('SETTING_INVALID', '--root-checksum is HEX for SHA-256, or sha512:HEX');
  }
  if (createHash(algorithm).update(root).digest('hex') === hex.toLowerCase()) return;
  throw new SigningError(
    'TRUSTED_ROOT_INVALID',
    'The root metadata has another checksum than --root-checksum says; get it again',
  );
}
