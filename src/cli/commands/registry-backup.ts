import { resolve } from 'node:path';
import type { Progress } from '../../base/progress.ts';
import { openNetwork } from '../../net/open-network.ts';
import { BackupError } from '../../registry/backup/error.ts';
import type { BackupManifest } from '../../registry/backup/manifest.ts';
import { restoreBackup } from '../../registry/backup/restore-backup.ts';
import { takeBackup } from '../../registry/backup/take-backup.ts';
import { verifyBackup } from '../../registry/backup/verify-backup.ts';
import type { RegistryConfig } from '../../registry/config/model.ts';
import { openBlobs } from '../../registry/service/open-stores.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, registryExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { networkOptionsOf } from '../network.ts';
import { progressOf } from '../progress.ts';
import { openCommandTrail } from '../registry/command-trail.ts';
import { withRegistry } from '../registry/offline-registry.ts';
import { readRegistryConfig, type RegistryPlace } from '../registry/read-registry-config.ts';
import { tellMistakes } from '../registry/tell-mistakes.ts';
import { tellReport } from '../registry/tell-report.ts';
import { countOf } from '../terminal/count-of.ts';
import { formatBytes } from '../terminal/format-bytes.ts';

/** How blobs get from one place to another. */
export interface RegistryBackupOptions extends RegistryPlace {
  /** Copies blobs even where they could be linked. */
  readonly copy: boolean;
}

/** `registry backup`: brings a backup up to date, or begins one, while the registry may be serving. */
export function registryBackupCommand(
  folder: string,
  { copy, ...place }: RegistryBackupOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  return withRegistry(place, resolved, host, async ({ config, database, blobs }) => {
    const source = { file: recordsOf(config), database, place: { blobs, folder: folderOf(config) } };
    const { manifest, linked, copied, removed, damaged } = await takeBackup(source, resolve(host.cwd, folder), {
      copy,
      now: () => host.now().getTime(),
      version: host.version,
      ...watching(resolved, host),
    });
    const { count, bytes } = manifest.blobs;
    const work = `${linked} newly linked, ${copied} newly copied, ${removed} removed`;
    const done = `The backup of ${manifest.createdAt} holds ${countOf(count, 'blob')} with ${formatBytes(bytes)}: ${work}`;
    await tellReport({ ...manifest, linked, copied, removed }, done, resolved.settings, host);
    if (damaged === 0) return exitCode.ok;
    const advice = 'run "seaworthy registry scrub"';
    await host.stderr.write(
      `error BACKUP_DAMAGED: ${countOf(damaged, 'blob')} of the registry itself ${damaged === 1 ? 'is' : 'are'} damaged; ${advice}\n`,
    );
    return registryExitCode.damaged;
  });
}

/** `registry verify-backup`: reads a backup whole, and tells whether it could be restored. */
export async function registryVerifyBackupCommand(
  folder: string,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { manifest, blobs, broken } = await verifyBackup(resolve(host.cwd, folder), watching(resolved, host));
  const told = `The backup of ${manifest.createdAt} holds ${countOf(blobs, 'blob')} with ${formatBytes(manifest.blobs.bytes)}`;
  if (broken.length + manifest.damaged.length === 0) {
    await tellReport({ ...manifest, broken }, `${told}; all is whole`, resolved.settings, host);
    return exitCode.ok;
  }
  await tellReport({ ...manifest, broken }, told, { quiet: true }, host);
  const advice = 'run "seaworthy registry backup" again while the registry has them';
  if (broken.length > 0) {
    await host.stderr.write(`error BACKUP_DAMAGED: ${told}; ${broken.length} are missing or changed; ${advice}\n`);
  }
  if (manifest.damaged.length > 0) {
    const lost = `${manifest.damaged.length} were damaged in the registry when it was made`;
    await host.stderr.write(`error BACKUP_DAMAGED: ${told}; ${lost}; push them again, and run it again\n`);
  }
  return registryExitCode.damaged;
}

/** `registry restore`: makes a registry of a backup, where there is none yet. */
export async function registryRestoreCommand(
  folder: string,
  { copy, ...place }: RegistryBackupOptions,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { reading, file } = await readRegistryConfig(place, host, 'stores');
  if (reading.mistakes !== undefined) return tellMistakes(file, reading.mistakes, host);
  const { config } = reading;
  const { settings } = resolved;
  await using network = openNetwork({ ...(await networkOptionsOf(settings, host)), widthPerHost: 64 });
  const records = recordsOf(config);
  const surroundings = { env: host.env, network, logger: loggerOf(settings, host) };
  const target = {
    file: records,
    folder: folderOf(config),
    openBlobs: () => openBlobs(config.storage, surroundings),
  };
  const complete = async (restored: SqlDatabase, { createdAt }: BackupManifest): Promise<void> => {
    await using trail = openCommandTrail(restored, { name: 'registry restore', action: 'restore' }, settings, host);
    await trail.seal({ what: `All is as it was at ${createdAt}, by a backup` });
  };
  const options = { copy, complete, ...watching(resolved, host) };
  const { manifest, missing, ...counts } = await restoreBackup(resolve(host.cwd, folder), target, options);
  const { linked, copied, there } = counts;
  const done = `The registry is as it was at ${manifest.createdAt}: ${countOf(linked, 'blob')} linked, ${copied} copied, ${there} there before`;
  await tellReport({ id: manifest.id, createdAt: manifest.createdAt, ...counts, missing }, done, settings, host);
  if (missing.length === 0) return exitCode.ok;
  const advice = 'run "seaworthy registry scrub --repair", and push them again';
  await host.stderr.write(
    `error BACKUP_DAMAGED: ${countOf(missing.length, 'blob')} not whole in the backup; ${advice}\n`,
  );
  return registryExitCode.damaged;
}

function recordsOf({ database }: RegistryConfig): string {
  if (database.kind === 'sqlite') return database.file;
  throw new BackupError(
    'BACKUP_UNSUPPORTED',
    'The records are in PostgreSQL: copy them with pg_dump, and the blobs after them, as docs/registry.md tells',
  );
}

function folderOf({ storage }: RegistryConfig): string | undefined {
  return storage.kind === 'filesystem' ? storage.folder : undefined;
}

function watching({ settings }: ResolvedSettings, host: Host): { signal: AbortSignal; progress?: Progress } {
  const progress = progressOf(settings, host);
  return { signal: host.signal, ...(progress === undefined ? {} : { progress }) };
}
