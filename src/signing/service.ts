import { errorMessage } from '../base/error.ts';
import { CodecError } from '../codec/error.ts';
import { parseStrictJson } from '../codec/json/parse.ts';
import { isNetError, type NetErrorCode } from '../net/error.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../net/network.ts';
import { redactText } from '../net/redact.ts';
import { SigningError, type SigningErrorCode } from './error.ts';
import { signingLimits } from './limits.ts';
import { foreignText } from './log/foreign-text.ts';

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
  /** Milliseconds from the last byte sent to the first of the answer, and between two of its parts. */
  readonly answerMs?: number;
}

/** What a service answered, read whole. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** Rekor v2 answers when its entry is in the tree, which may take twenty seconds. */
const usualMs = 60_000;

/** Bytes of a refusal that are read for its words. */
const refusalBytes = 16_384;

/** Network failures, as seen from a signature. Those not listed (offline, no plain HTTP) are the user's own decision. */
const networkFailures: Readonly<Partial<Record<NetErrorCode, SigningErrorCode>>> = {
  UNRESOLVED: 'SERVICE_UNAVAILABLE',
  REFUSED: 'SERVICE_UNAVAILABLE',
  UNREACHABLE: 'SERVICE_UNAVAILABLE',
  TIMEOUT: 'SERVICE_UNAVAILABLE',
  RESET: 'SERVICE_UNAVAILABLE',
  TOO_SLOW: 'SERVICE_UNAVAILABLE',
  TLS: 'SERVICE_UNAVAILABLE',
  NOT_TLS: 'SERVICE_UNAVAILABLE',
  PROXY: 'SERVICE_UNAVAILABLE',
  PROTOCOL: 'SERVICE_PROTOCOL',
  REDIRECT: 'SERVICE_PROTOCOL',
  TOO_LARGE: 'SERVICE_PROTOCOL',
};

/**
 * Asks a service and reads its answer, at most {@link signingLimits.answerBytes}.
 *
 * @throws SigningError SERVICE_UNAVAILABLE for silence, 429 and 5xx, SERVICE_REFUSED for other refusals, SERVICE_PROTOCOL for what
 * no contract has; NetError for what the user decided (offline, no plain HTTP); the signal's reason
 */
export async function askService(
  network: Network,
  { name, answers = [200, 201], secrets = [], answerMs = usualMs, ...request }: ServiceRequest,
  signal?: AbortSignal,
): Promise<ServiceAnswer> {
  try {
    const limits = { headersMs: answerMs, idleMs: answerMs, maxBodyBytes: signingLimits.answerBytes };
    const response = await network.request({ ...request, signal, limits });
    const { status, headers } = response;
    if (!answers.includes(status)) throw await refusal(name, response, secrets);
    return { status, headers, body: await readWhole(response) };
  } catch (cause) {
    const code = isNetError(cause) ? networkFailures[cause.code] : undefined;
    if (code === undefined) throw cause;
    const advice = code === 'SERVICE_UNAVAILABLE' ? 'try again later' : 'check its address';
    const message = `${capital(name)} cannot be asked: ${errorMessage(cause)}; ${advice}`;
    throw new SigningError(code, message, { cause });
  }
}

async function refusal(name: string, response: NetworkResponse, secrets: readonly string[]): Promise<SigningError> {
  const { status, url } = response;
  const said = ownWords(await readStart(response), secrets);
  const answered = `${capital(name)} (${url.host}) answered ${status}${said === '' ? '' : `; it says "${said}"`}`;
  if (status === 429 || status === 408 || status >= 500) {
    return new SigningError('SERVICE_UNAVAILABLE', `${answered}; try again later`);
  }
  if (status < 400) return new SigningError('SERVICE_PROTOCOL', `${answered}; check that this is its address`);
  return new SigningError('SERVICE_REFUSED', answered);
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

async function readWhole({ body }: NetworkResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readStart({ body }: NetworkResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= refusalBytes) break;
    }
  } catch {
    // The status is the answer; its words are welcome but not needed.
  }
  return Buffer.concat(chunks).subarray(0, refusalBytes);
}

/** The service's own words: the `message` of its JSON or its text, harmless and short. */
function ownWords(body: Buffer, secrets: readonly string[]): string {
  const text = body.toString('utf8');
  // A web page of a gateway says nothing that fits a sentence.
  let said = text.trimStart().startsWith('<') ? '' : text;
  try {
    const value = parseStrictJson(body) as Record<string, unknown> | null;
    const words = value?.['message'] ?? value?.['error_description'] ?? value?.['error'];
    if (typeof words === 'string') said = words;
  } catch {
    // Text is as good.
  }
  return foreignText(redactText(said, secrets));
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
