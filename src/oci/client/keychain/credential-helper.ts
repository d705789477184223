import { type ProgramEnd, runProgram } from '../../../base/run-program.ts';
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

const failures: Readonly<Record<Exclude<ProgramEnd['kind'], 'ended'>, string>> = {
  missing: 'it is not installed',
  unstartable: 'it cannot be started',
  timeout: 'it did not answer in time',
  flood: 'it printed far too much',
};

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

async function run(
  program: string,
  server: string,
  { environment: env, timeoutMs = clientLimits.helperMs, signal }: HelperOptions,
): Promise<{ readonly status: number | null; readonly output: Buffer }> {
  const maxOutputBytes = clientLimits.helperBytes;
  const end = await runProgram({ program, args: ['get'], input: server, env, timeoutMs, maxOutputBytes, signal });
  if (end.kind === 'ended') return end;
  throw failed(program, failures[end.kind]);
}

function failed(program: string, why: string): OciError {
  const sentence = `The credential helper ${program} cannot be asked: ${why}; install or mend it, or log in without it`;
  return new OciError('CREDENTIALS_UNREADABLE', sentence);
}
