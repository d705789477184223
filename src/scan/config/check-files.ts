import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorMessage } from '../../base/error.ts';
import type { Problem } from '../../base/problem.ts';
import type { Progress } from '../../base/progress.ts';
import type { ConfigReport, ReportedFile } from '../../finding/config-report.ts';
import type { CheckedFile } from '../../finding/misconfiguration.ts';
import type { CheckOptions, ConfigFormat } from '../../misconfig/format.ts';
import { ScanError } from '../error.ts';
import { compileSkipRules, type SkipRules } from '../skip-rules.ts';
import { excerptOf } from './excerpt.ts';
import { findFiles } from './find-files.ts';
import { configScanLimits } from './limits.ts';

/** What checking configuration needs. */
export interface ConfigContext extends CheckOptions {
  /** Asked in order; the first that knows a file checks it. */
  readonly formats: readonly ConfigFormat[];
  readonly skip: SkipRules;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Checks a file, or the files of a folder that are called as configuration is.
 *
 * A file that is named is looked at whatever it is called. One that cannot be read or parsed is a problem, and the report then incomplete.
 *
 * @param name as the user wrote it
 * @param path absolute
 * @throws ScanError TARGET_INVALID where there is nothing, or too much; the signal's reason
 */
export async function checkConfig(name: string, path: string, context: ConfigContext): Promise<ConfigReport> {
  const { formats, progress, signal, now } = context;
  const isFolder = await isDirectory(name, path);
  const skip = compileSkipRules(context.skip);
  const found = isFolder
    ? await findFiles(path, (file) => formats.some((format) => format.mayBe(file)), skip, signal)
    : { paths: [basename(path)], problems: [] };
  const files: ReportedFile[] = [];
  const problems: Problem[] = [...found.problems];
  const task = progress.start(`Checking ${name}`, { total: found.paths.length, unit: 'items' });
  try {
    for (const file of found.paths) {
      signal.throwIfAborted();
      const place = isFolder ? join(path, file) : path;
      const checked = await checkFile(place, file, isFolder ? 'folder' : 'named', context);
      if (checked !== undefined && 'code' in checked && 'subject' in checked) problems.push(checked);
      else if (checked !== undefined) {
        files.push(checked);
        problems.push(...checked.problems.map((sentence) => problemOf(checked.path, sentence)));
      }
      task.advance(1);
    }
  } finally {
    task.finish();
  }
  return { name, folder: isFolder ? name : '', files, problems, createdAt: new Date(now).toISOString() };
}

async function isDirectory(name: string, path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    const { code = errorMessage(cause) } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'is not there' : `cannot be read (${code})`;
    throw new ScanError('TARGET_INVALID', `${name} ${why}; name a file or a folder with configuration`, { cause });
  }
}

/** Undefined for a file of a folder that is of no format after all. */
async function checkFile(
  place: string,
  path: string,
  how: 'folder' | 'named',
  { formats, ...options }: ConfigContext,
): Promise<ReportedFile | Problem | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readStart(place, configScanLimits.fileBytes + 1);
  } catch (error) {
    return { ...problemOf(path, `The file cannot be read (${errorMessage(error)}).`), code: 'FILE_UNREADABLE' };
  }
  const called = formats.filter((format) => format.mayBe(path));
  const asked = called.length > 0 || how === 'folder' ? called : formats;
  const results = asked.map((format) => format.check(path, bytes, options)).filter((result) => result !== undefined);
  // What was only named may be of any format: then the one that can read it is right.
  const checked = called.length > 0 ? results[0] : results.find(({ problems }) => problems.length === 0);
  if (checked === undefined) return how === 'named' ? otherFormat(path, formats) : undefined;
  // Its beginning tells of what kind it is, and nothing more.
  if (bytes.length > configScanLimits.fileBytes) return withCode(tooLarge(checked), '');
  return withCode(checked, new TextDecoder().decode(bytes));
}

function withCode(file: CheckedFile, text: string): ReportedFile {
  const shown = [...file.failures, ...file.ignored.map(({ failure }) => failure)];
  const lines = shown.length === 0 ? [] : text.split(/\r?\n/);
  const code = new Map(
    shown.flatMap((failure) => (failure.lines === undefined ? [] : [[failure, excerptOf(lines, failure.lines)]])),
  );
  return { ...file, code };
}

function tooLarge({ path, type }: CheckedFile): CheckedFile {
  const sentence = `The file is larger than ${configScanLimits.fileBytes / 1_048_576} MiB; split it up`;
  return { path, type, failures: [], ignored: [], passed: [], problems: [sentence] };
}

function problemOf(subject: string, message: string): Problem {
  const sentence = /[.!?)]$/.test(message) ? message : `${message}.`;
  return { code: 'CONFIG_UNREADABLE', subject, message: sentence, incomplete: true };
}

/** Nothing is missed where it is another format; who named it may have meant something else, though. */
function otherFormat(subject: string, formats: readonly ConfigFormat[]): Problem {
  const names = formats.map(({ name }) => name).join(', ');
  return { code: 'CONFIG_OTHER_FORMAT', subject, message: `The file is of no format that is checked (${names}).` };
}

/** At most so many bytes of a regular file, without waiting for a pipe or device that took its place. */
async function readStart(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new Error('it is no regular file');
    const bytes = Buffer.alloc(Math.min(status.size + 1, most));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}
