import { isSeaworthyError } from '../../base/error.ts';
import { mapBounded } from '../../base/concurrency.ts';
import type { ImageSource } from '../../oci/source.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openLookup } from '../lookup.ts';
import { describeError } from '../describe-error.ts';
import { reportAll, requireReports } from '../report-all.ts';
import { ScanSession, type ReadTarget } from '../scan-session.ts';

/** Images under way at a time: while one is read, the next one's manifest is fetched. */
const imagesAtOnce = 2;

/**
 * `image REF…`: scans images for known vulnerabilities.
 *
 * An image that cannot be opened is told on stderr and costs the exit status, not the others' reports.
 */
export async function imageCommand(names: readonly string[], resolved: ResolvedSettings, host: Host): Promise<number> {
  const { settings } = resolved;
  const targets: { readonly name: string; readonly source?: ImageSource }[] = names.map((name) => ({ name }));
  if (settings.input !== undefined) {
    targets.unshift({ name: settings.input, source: { kind: 'docker-archive', path: settings.input } });
  }
  if (targets.length === 0) {
    throw new ConfigError(
      'SETTING_INVALID',
      'No image was named; write "seaworthy image REF" or give a file with --input',
    );
  }
  // Before anything is pulled: without a database, or a place for the report, there is no answer to give.
  await requireReports(resolved, targets.length, host);
  using lookup = openLookup(settings, host);
  await using session = new ScanSession(settings, host);
  let failed = false;
  const read = await mapBounded(targets, imagesAtOnce, async ({ name, source }): Promise<ReadTarget | undefined> => {
    try {
      return await session.read(name, source);
    } catch (error) {
      if (session.signal.aborted) throw session.signal.reason;
      if (!isSeaworthyError(error) || targets.length === 1) throw error;
      failed = true;
      await session.tell(`${cleanText(name)}: ${describeError(error)}`);
      return undefined;
    }
  });
  const reports = read.filter((target) => target !== undefined).map((target) => lookup.report(target));
  const status = await reportAll(reports, resolved, host);
  return failed ? exitCode.error : status;
}

/** `rootfs DIR`: scans an unpacked file system. */
export async function rootfsCommand(
  folders: readonly string[],
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  await requireReports(resolved, folders.length, host);
  using lookup = openLookup(resolved.settings, host);
  await using session = new ScanSession(resolved.settings, host);
  const reports = [];
  for (const folder of folders) reports.push(lookup.report(await session.readFolder(folder)));
  return reportAll(reports, resolved, host);
}
