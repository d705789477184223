import { collectGarbage } from '../../registry/garbage/collect.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { withRegistry } from '../registry/offline-registry.ts';
import type { RegistryPlace } from '../registry/read-registry-config.ts';
import { formatBytes } from '../terminal/format-bytes.ts';

/** `registry gc`: removes what nothing names any more, while the registry may be serving. */
export function registryGcCommand(
  { dryRun, ...place }: RegistryPlace & { readonly dryRun: boolean },
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { settings } = resolved;
  return withRegistry(place, resolved, host, async ({ config, content }) => {
    const report = await collectGarbage(content, {
      grace: config.gc.graceMs,
      uploadAge: config.uploads.expireAfterMs,
      dryRun,
      signal: host.signal,
      logger: loggerOf(settings, host),
    });
    await host.stdout.write(`${JSON.stringify(report)}\n`);
    const what = dryRun ? 'would be removed' : 'were removed';
    if (!settings.quiet) {
      await host.stderr.write(`${report.removedBlobs} blobs with ${formatBytes(report.freedBytes)} ${what}\n`);
    }
    return report.finished ? exitCode.ok : exitCode.error;
  });
}
