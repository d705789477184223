import { collectGarbage } from '../../registry/garbage/collect.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { openCommandTrail } from '../registry/command-trail.ts';
import { withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { tellReport } from '../registry/tell-report.ts';
import { countOf } from '../terminal/count-of.ts';
import { formatBytes } from '../terminal/format-bytes.ts';

/** `registry gc`: removes what nothing names any more, while the registry may be serving. */
export function registryGcCommand(
  { dryRun, ...place }: RegistryPlace & { readonly dryRun: boolean },
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { settings } = resolved;
  return withRegistry(place, resolved, host, async ({ config, content, database }) => {
    const report = await collectGarbage(content, {
      grace: config.gc.graceMs,
      uploadAge: config.uploads.expireAfterMs,
      dryRun,
      signal: host.signal,
      logger: loggerOf(settings, host),
    });
    const what = dryRun ? 'would be removed' : report.removedBlobs === 1 ? 'was removed' : 'were removed';
    const sentence = `${countOf(report.removedBlobs, 'blob')} with ${formatBytes(report.freedBytes)} ${what}`;
    if (!dryRun) {
      await using trail = openCommandTrail(
        database,
        { name: 'registry gc', action: 'garbage-collection' },
        settings,
        host,
      );
      await trail.seal({ what: report.finished ? sentence : `${sentence}, and it was interrupted` });
    }
    await tellReport(report, sentence, settings, host);
    return report.finished ? exitCode.ok : (host.interruptStatus() ?? exitCode.error);
  });
}
