import { accessSync, constants } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Starts this program anew in place of itself with one more flag of Node: the process stays the same to whoever started it. */
export type RestartWith = (flag: string) => void;

/** What of the process decides whether it can be done. */
export interface RestartedProcess {
  readonly platform: string;
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether another process speaks to it, which would then speak to nobody. */
  readonly connected?: boolean | undefined;
  /** Whether the program and Node are one file, which takes flags of Node from the environment alone. */
  readonly isSingleFile?: boolean;
  readonly execve?: ((file: string, args: readonly string[], env?: Record<string, string>) => void) | undefined;
}

/**
 * Makes it. It returns where there is nothing to do, since the flag is there with this value or another, and where it cannot be done: the
 * program then goes on without the flag.
 */
export function restartWith(self: RestartedProcess): RestartWith {
  return (flag) => {
    const { platform, execPath, execArgv, argv, env, connected = false, execve } = self;
    const given = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
    if (given.some((one) => nameOf(one) === nameOf(flag))) return;
    if (execve === undefined || connected || !isMainThread || noExecve.has(platform) || !isExecutable(execPath)) return;
    // Once it is called there is no way back: whatever fails in it ends the process.
    if (self.isSingleFile === true) {
      const options = [env['NODE_OPTIONS'] ?? '', flag].join(' ').trim();
      return execve(execPath, [execPath, ...argv.slice(2)], { ...definedOf(env), NODE_OPTIONS: options });
    }
    execve(execPath, [execPath, ...execArgv, flag, ...argv.slice(1)]);
  };
}

/** Systems that cannot (Node's documentation of `process.execve`). */
const noExecve: ReadonlySet<string> = new Set(['win32', 'os400', 'aix']);

function definedOf(env: RestartedProcess['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** V8 takes `_` for `-`. */
function nameOf(flag: string): string {
  return (flag.split('=', 1)[0] ?? '').replaceAll('_', '-');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
