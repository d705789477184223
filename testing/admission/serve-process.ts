import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const program = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** A process that serves a webhook as users start it; it ends with this one. */
export interface WebhookProcess extends AsyncDisposable {
  readonly url: string;
  /** What it wrote to stderr. */
  readonly log: () => string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends it as a cluster does, and gives its exit status. */
  stop(): Promise<number | null>;
}

/**
 * Starts `admission serve`.
 *
 * @param args what follows
 * @param home the folder that it takes for its user's
 * @throws Error with what the program said when it ends instead
 */
export async function startWebhookProcess(args: readonly string[], home: string): Promise<WebhookProcess> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, HOSTNAME: 'webhook-0' };
  const child = spawn(process.execPath, [program, 'admission', 'serve', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = `${log}${chunk.toString()}`.slice(-100_000);
  });
  const ended = once(child, 'exit').finally(() => process.off('exit', end)) as Promise<[number | null]>;
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void ended.then(() => reject(new Error(log)));
  });
  const kill = async (): Promise<void> => {
    end();
    await ended;
  };
  return {
    url,
    log: () => log,
    kill,
    async stop() {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
    [Symbol.asyncDispose]: kill,
  };
}
