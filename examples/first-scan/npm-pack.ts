import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { FirstScanError } from './error.ts';

/** How npm is started: a program and the arguments before the command. */
interface NpmProgram {
  readonly file: string;
  readonly args: readonly string[];
}

const timeoutMs = 5 * 60_000;
const keptErrorCharacters = 100_000;

/** npm's own waits before it tries again add up to more than a minute without a network. */
const impatient = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

/**
 * Downloads the tarballs of releases into `folder` with the npm client, so that the user's registry, proxy and
 * credentials hold.
 *
 * @param cwd whose `.npmrc` applies
 * @param npmCli `npm_execpath` of the environment: the script of the npm that runs this one, if one does
 * @throws FirstScanError NPM_UNAVAILABLE, NPM_FAILED; the signal's reason
 */
export async function npmPack(
  specs: readonly string[],
  folder: string,
  options: { readonly cwd: string; readonly npmCli: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { cwd, npmCli, signal } = options;
  signal?.throwIfAborted();
  const { file, args } = npmProgram(npmCli);
  const command = [...args, 'pack', ...specs, '--ignore-scripts', '--pack-destination', folder, ...impatient];
  const child = spawn(file, command, { cwd, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
  // Not spawn's own limit: its timer keeps the process waiting after a program that could not be started.
  const limit = setTimeout(() => child.kill(), timeoutMs);
  // npm itself waits for whatever it fetches when it is asked to end; all that it writes is ours to remove.
  const stop = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorCharacters);
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) => {
      reject(
        new FirstScanError('NPM_UNAVAILABLE', 'npm cannot be started; start this example with "npm start"', { cause }),
      );
    });
    child.on('close', resolve);
  }).finally(() => {
    clearTimeout(limit);
    signal?.removeEventListener('abort', stop);
  });
  signal?.throwIfAborted();
  if (status !== 0) throw new FirstScanError('NPM_FAILED', failure(specs, status, errors));
}

/** Not the bare name where it can be helped: on Windows npm is a batch file, which only a shell can start. */
function npmProgram(npmCli: string | undefined): NpmProgram {
  const isNpm = npmCli !== undefined && basename(npmCli) === 'npm-cli.js';
  return isNpm ? { file: process.execPath, args: [npmCli] } : { file: 'npm', args: [] };
}

function failure(specs: readonly string[], status: number | null, errors: string): string {
  const what = specs.length === 1 ? specs[0] : `${specs.length} packages`;
  const code = /^npm (?:error|ERR!) code (\w+)/m.exec(errors)?.[1];
  const why = code ?? (status === null ? 'it took too long or was stopped' : `exit status ${status}`);
  return `npm could not fetch ${what} (${why}); check the network and the registry that npm uses, then run "npm start" again`;
}
