import { spawn } from 'node:child_process';
import { OciError } from '../../error.ts';
import { asText, parseJsonObject } from '../../json.ts';
import type { Credential } from '../credential.ts';
import { clientLimits } from '../limits.ts';

/** How to run a credential helper. */
export interface HelperOptions {
  /** The environment it runs in; `PATH` in it says where helpers lie. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What helpers print when they know nothing of a server (docker-credential-helpers, "credentials/error.go"). */
const absent = /credentials not found|no credentials (?:server URL|username)|not found in native/i;

/** The user name that marks the secret as an identity token. */
const tokenUser = '<token>';

/**
 * Asks the program `docker-credential-NAME` for a server's credential; undefined when it has none.
 *
 * @throws OciError CREDENTIALS_UNREADABLE when it cannot be run or asked, or the signal's reason
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<Credential | undefined> {
  // The name comes from a file and becomes a program's: it must not lead to another folder.
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) {
    throw new OciError('CREDENTIALS_UNREADABLE', 'A credential helper has a name that no program can have; correct it');
  }
  const program = `docker-credential-${name}`;
  const { status, output } = await run(program, server, options);
  if (status !== 0) {
    if (absent.test(output.toString('utf8'))) return undefined;
    throw failed(program, `it ended with status ${status}`);
  }
  const document = parseJsonObject(output, (what) => failed(program, what));
  const username = asText(document.Username);
  const secret = asText(document.Secret);
  if (secret === undefined) return undefined;
  if (username === tokenUser) return { kind: 'identity-token', token: secret };
  return username === undefined ? undefined : { kind: 'password', username, password: secret };
}

function run(
  program: string,
  server: string,
  { environment, timeoutMs = clientLimits.helperMs, signal }: HelperOptions,
): Promise<{ readonly status: number | null; readonly output: Buffer }> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
    const chunks: Buffer[] = [];
    let length = 0;
    let settled = false;
    function settle(act: () => void): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      child.stdout.destroy();
      act();
    }
    function onAbort(): void {
      settle(() => reject(signal?.reason as Error));
    }
    const timer = setTimeout(() => settle(() => reject(failed(program, 'it did not answer in time'))), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > clientLimits.helperBytes) settle(() => reject(failed(program, 'it printed far too much')));
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle(() => reject(failed(program, error.code === 'ENOENT' ? 'it is not installed' : 'it cannot be started')));
    });
    child.on('close', (status) => settle(() => resolve({ status, output: Buffer.concat(chunks) })));
    // A helper that ends without reading its question tells so by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
  });
}

function failed(program: string, why: string): OciError {
  const sentence = `The credential helper ${program} cannot be asked: ${why}; install or mend it, or log in without it`;
  return new OciError('CREDENTIALS_UNREADABLE', sentence);
}
