import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './program.ts';

/** For tests that find processes. */
export const needsProc: { readonly skip: string | false } = {
  skip: process.platform === 'linux' ? false : 'processes are found by /proc',
};

/** A registry of several processes. */
export interface SeveralProcesses extends AsyncDisposable {
  readonly url: string;
  readonly config: string;
  /** The processes that serve. */
  workers(): readonly number[];
  /** Signals the first process, and gives the status of its end. */
  end(): Promise<number | null>;
  /** Kills the first process, and waits until it is gone. */
  killFirst(): Promise<void>;
  readonly said: () => string;
}

/** Its settings; it listens on a free port of loopback unless `listen` says otherwise. */
export function settings(folder: string, more: string = '', listen: string = '127.0.0.1:0'): string {
  return `
registry:
  listen: ${listen}
  data: ${folder}/data
  workers: 2
  accept: [anonymous-push]
  metrics:
    listen: 127.0.0.1:0
${more}`;
}

/** Starts the program as a registry of two processes. */
export async function serve(folder: string, text: string = settings(folder)): Promise<SeveralProcesses> {
  const config = join(folder, 'seaworthy.yaml');
  writeFileSync(config, text);
  const { child, ended } = start(['registry', 'serve', '--config', config], { cwd: folder });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void ended.then(({ stderr }) => reject(new Error(`The registry ended: ${stderr}`)));
  });
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    return (await ended).status;
  };
  return {
    url,
    config,
    workers: () => childrenOf(child.pid as number),
    end,
    async killFirst() {
      child.kill('SIGKILL');
      if (child.signalCode === null) await once(child, 'exit');
    },
    said: () => said,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Whether a process runs: one that ended may be there until its parent asks how it ended. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** What came back, read whole. */
export interface ProcessesAnswer {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

/** Asks on a connection of its own, so that requests meet both processes. Undefined when it broke off. */
export function ask(
  { url }: Pick<SeveralProcesses, 'url'>,
  method: string,
  path: string,
  body: string = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<ProcessesAnswer | undefined> {
  return new Promise((resolve) => {
    const agent = new Agent({ keepAlive: false });
    const asked = request(new URL(path, url), { method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '', body: text });
      });
    });
    asked.on('error', () => resolve(undefined)).end(body);
  });
}

/** Kills one process that serves, and waits until the one that takes its place serves too. */
export async function killWorker(registry: SeveralProcesses, at: number): Promise<void> {
  const replaced = registry.said().split('serves again').length;
  process.kill(registry.workers()[at] as number, 'SIGKILL');
  await until(() => registry.said().split('serves again').length > replaced, 'no process took its place');
}

/** Waits until something is so, up to twenty seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, otherwise: string): Promise<void> {
  for (let tries = 0; tries < 800; tries += 1) {
    if (await isSo()) return;
    await sleep(25);
  }
  assert.fail(otherwise);
}
