import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary folder that goes when it is disposed of, or when this process ends, however that comes about. */
export interface FolderOfProcess extends AsyncDisposable {
  readonly path: string;
}

/**
 * Waits for the end of its standard input, which comes with the end of the process that holds the other side, and removes the
 * folder. What writes there gets a moment to end too, since it is told at the same time. Ctrl-C is for the others in its group.
 */
const script = `trap '' HUP INT TERM; cat >/dev/null; rm -rf "$1" || { sleep 1; rm -rf "$1"; }`;

/** Makes one for all that a group of servers keeps. */
export async function folderOfProcess(name: string): Promise<FolderOfProcess> {
  const path = await mkdtemp(join(tmpdir(), `seaworthy-${name}-`));
  const remover: ChildProcess = spawn('/bin/sh', ['-c', script, 'sh', path], { stdio: ['pipe', 'ignore', 'ignore'] });
  const gone = once(remover, 'exit');
  return {
    path,
    async [Symbol.asyncDispose]() {
      remover.stdin?.end();
      await gone;
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
