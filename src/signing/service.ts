import { errorMessage } from '../base/error.ts';
import { CodecError } from '../codec/error.ts';
import { parseStrictJson } from '../codec/json/parse.ts';
import { isNetError, type NetErrorCode } from '../net/error.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../net/network.ts';
import { redactText } from '../net/redact.ts';
import { SigningError } from './error.ts';
import { signingLimits } from './limits.ts';

/** One question to a service of sigstore, or to an issuer of tokens. */
export interface ServiceRequest extends Pick<
  NetworkRequest,
  'method' | 'url' | 'headers' | 'socketPath' | 'idempotent'
> {
  /** What a person calls the service: `Fulcio`, `the timestamp authority`. */
  readonly name: string;
  readonly body?: Uint8Array;
  /** Statuses that are answers; 200 and 201 where none are named. */
  readonly answers?: readonly number[];
  /** What no message may hold, such as tokens. */
  readonly secrets?: readonly string[];
}

/** What a service answered, read whole. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Rekor v2 answers when its entry is in the tree, which may take twenty seconds. */
const headersMs = 60_000;

/** What the user decided is no failure of a service. */
const decisions: ReadonlySet<NetErrorCode> = new Set(['OFFLINE', 'INSECURE', 'URL_INVALID']);

/** Characters of a service's own words that a message repeats. */
const quotedCharacters = 300;

/**
 * Asks a service and reads its answer, at most {@link signingLimits.answerBytes}.
 *
 * @throws SigningError SERVICE_UNAVAILABLE for silence, 429 and 5xx, SERVICE_REFUSED for other statuses; NetError for what
 * the user decided (offline, no plain HTTP); the signal's reason
 */
export async function askService(
  network: Network,
  { name, answers = [200, 201], secrets = [], ...request }: ServiceRequest,
  signal?: AbortSignal,
): Promise<ServiceAnswer> {
  let response: NetworkResponse;
  let body: Buffer;
  try {
    const limits = { maxBodyBytes: signingLimits.answerBytes, headersMs };
    response = await network.request({ ...request, signal, limits });
    body = await readWhole(response);
  } catch (cause) {
    if (!isNetError(cause) || decisions.has(cause.code)) throw cause;
    const message = `${capital(name)} did not answer: ${cause.message}; try again later`;
    throw new SigningError('SERVICE_UNAVAILABLE', message, { cause });
  }
  const { status, headers } = response;
  if (answers.includes(status)) return { status, headers, body };
  const said = quote(body, secrets);
  const answered = `${capital(name)} (${response.url.host}) answered ${status}${said === '' ? '' : `: "${said}"`}`;
  if (status === 429 || status === 408 || status >= 500) {
    throw new SigningError('SERVICE_UNAVAILABLE', `${answered}; try again later`);
  }
  throw new SigningError('SERVICE_REFUSED', `${answered}; check what was asked of it`);
}

/** The answer's body as JSON. @throws SigningError SERVICE_PROTOCOL */
export function jsonOfAnswer({ body }: ServiceAnswer, name: string): Readonly<Record<string, unknown>> {
  try {
    const value = parseStrictJson(body, signingLimits.jsonDepth);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw protocolError(name, errorMessage(cause), cause);
  }
  throw protocolError(name, 'its answer is no JSON object');
}

/** The error for an answer that the service's contract does not allow. */
export function protocolError(name: string, why: string, cause?: unknown): SigningError {
  const message = `${capital(name)} cannot be understood: ${why}; check its address`;
  return new SigningError('SERVICE_PROTOCOL', message, cause === undefined ? undefined : { cause });
}

async function readWhole(response: NetworkResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The service's own words: the `message` of its JSON or its text, harmless and short. */
function quote(body: Buffer, secrets: readonly string[]): string {
  const text = body.toString('utf8');
  let said = text.trimStart().startsWith('<') ? '' : text;
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const words = value?.['message'] ?? value?.['error_description'] ?? value?.['error'];
    if (typeof words === 'string') said = words;
  } catch {
    // Text is as good.
  }
  const line = redactText(said, secrets)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}"]+/gu, ' ')
    .trim();
  return line.length > quotedCharacters ? `${line.slice(0, quotedCharacters)}…` : line;
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
