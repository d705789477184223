import { basename } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Whether the program is one file with Node in it (Node's single executable applications). Nothing of it is a file of its own then:
 * scripts are assets, and threads and processes are started by the names of theirs.
 */
export function isSingleFile(): boolean {
  return isSea();
}

/** The names of assets that are not scripts of the program. */
export const singleFileAssets = {
  /** The published manifest. */
  manifest: 'package.json',
  /** What loads scripts; it defines the function {@link startFunction}. */
  loader: 'loader.cjs',
} as const;

/** Stands before the name of a script where the single file is to run that in place of the command line. */
export const scriptPrefix = 'seaworthy:';

/** What the loader defines, a function of the name of a script. */
export const startFunction = 'startSeaworthyScript';

/** The text of an asset of the single file. */
export function assetText(name: string): string {
  return getAsset(name, 'utf8');
}

/** The name that a script of the bundle has in the single file. */
export function scriptName(script: URL | string): string {
  return basename(typeof script === 'string' ? script : script.pathname).replace(/\.[cm]?[jt]s$/, '');
}

/** Starts a thread. @param script beside the file that starts it, in sources as in the bundle */
export function startThread(script: URL, options: WorkerOptions): Worker {
  if (!isSingleFile()) return new Worker(script, options);
  const name = JSON.stringify(scriptName(script));
  return new Worker(`${assetText(singleFileAssets.loader)}\n${startFunction}(${name});`, { ...options, eval: true });
}

/** How another process of this program is started: `process.execPath` with flags and then the script. */
export interface ProgramCall {
  readonly flags: readonly string[];
  readonly script: string;
  /** What must be in its environment besides. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Puts one together. A single file hands all arguments to the program, and takes flags of Node from the environment.
 *
 * @param script a path
 * @param inherited `NODE_OPTIONS` of this process, where the other one has its environment
 */
export function programCall(script: string, flags: readonly string[], inherited: string = ''): ProgramCall {
  if (!isSingleFile()) return { flags, script, env: {} };
  const options = `${inherited} ${formatNodeOptions(flags)}`.trim();
  return { flags: [], script: `${scriptPrefix}${scriptName(script)}`, env: { NODE_OPTIONS: options } };
}

/** Flags as Node reads them from `NODE_OPTIONS`: parted by spaces unless they stand in double quotes. */
export function formatNodeOptions(flags: readonly string[]): string {
  return flags
    .map((flag) => (/[\s"\\]/.test(flag) ? `"${flag.replaceAll(/["\\]/g, String.raw`\$&`)}"` : flag))
    .join(' ');
}
