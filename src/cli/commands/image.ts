import { isSeaworthyError } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import { mapBounded } from '../../base/concurrency.ts';
import type { StatementIndex } from '../../match/vex/statement-index.ts';
import type { ImageSource } from '../../oci/source.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { openLookup, type Lookup } from '../lookup.ts';
import { describeError } from '../describe-error.ts';
import { reportAll, requireReports } from '../report-all.ts';
import { ScanSession, type ReadTarget } from '../scan-session.ts';
import { storedSbomsOf } from '../stored-sboms.ts';

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
    // Trivy's --insecure takes no value, so that the image may stand where hosts do.
    const swallowed = settings.insecure.length === 0 ? '' : ', and name hosts after --insecure';
    throw new ConfigError(
      'SETTING_INVALID',
      `No image was named; write "seaworthy image REF" or give a file with --input${swallowed}`,
    );
  }
  // Before anything is pulled: without a database, or a place for the report, there is no answer to give.
  const vex = await requireReports(resolved, targets.length, host);
  const sboms = storedSbomsOf(settings, host);
  using lookup = openLookup(settings, host);
  await using session = new ScanSession(settings, host, sboms);
  const read = await mapBounded(targets, imagesAtOnce, ({ name, source }) =>
    attempt(name, targets.length, session, () => session.read(name, source)),
  );
  return await reportRead(read, lookup, vex, resolved, host);
}

/** `rootfs DIR`: scans an unpacked file system. */
export async function rootfsCommand(
  folders: readonly string[],
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  return await folderCommand(folders, (session, folder) => session.readFolder(folder), resolved, host);
}

/** `fs PATH`, `repo PATH`: scans what the lock files of source code name. */
export async function fsCommand(paths: readonly string[], resolved: ResolvedSettings, host: Host): Promise<number> {
  for (const path of paths) refuseRemote(path);
  return await folderCommand(paths, (session, path) => session.readSource(path), resolved, host);
}

/** Trivy takes an address of a repository in the place of a folder. @throws ConfigError SETTING_INVALID */
function refuseRemote(path: string): void {
  if (!/^(?:[a-z][a-z+.-]*:\/\/|[^/\s@]+@[^/\s:]+:|(?:github|gitlab)\.com\/)/i.test(path)) return;
  throw new ConfigError(
    'SETTING_INVALID',
    `Repositories are not cloned here; run "git clone ${printable(withoutUser(path))}" and name the folder`,
  );
}

/** Tokens stand in such addresses, and errors are kept in logs. */
function withoutUser(address: string): string {
  return address.replace(/:\/\/[^/]*@/, '://');
}

async function folderCommand(
  folders: readonly string[],
  readOne: (session: ScanSession, folder: string) => Promise<ReadTarget>,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const vex = await requireReports(resolved, folders.length, host);
  using lookup = openLookup(resolved.settings, host);
  await using session = new ScanSession(resolved.settings, host);
  const read: (ReadTarget | undefined)[] = [];
  for (const folder of folders) {
    read.push(await attempt(folder, folders.length, session, () => readOne(session, folder)));
  }
  return await reportRead(read, lookup, vex, resolved, host);
}

/** One of several targets that cannot be opened is told, and is undefined; a single one fails the command. */
async function attempt(
  name: string,
  count: number,
  session: ScanSession,
  work: () => Promise<ReadTarget>,
): Promise<ReadTarget | undefined> {
  try {
    return await work();
  } catch (error) {
    if (session.signal.aborted) throw session.signal.reason;
    if (!isSeaworthyError(error) || count === 1) throw error;
    await session.tell(`${cleanText(name)}: ${describeError(error)}`);
    return undefined;
  }
}

async function reportRead(
  read: readonly (ReadTarget | undefined)[],
  lookup: Lookup,
  vex: StatementIndex | undefined,
  resolved: ResolvedSettings,
  host: Host,
): Promise<number> {
  const opened = read.filter((target) => target !== undefined);
  const status = await reportAll(
    opened.map((target) => lookup.report(target)),
    vex,
    resolved,
    host,
  );
  return opened.length < read.length ? exitCode.error : status;
}
