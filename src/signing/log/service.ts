import { isNetError, type NetErrorCode } from '../../net/error.ts';
import type { Network, NetworkResponse } from '../../net/network.ts';
import { redactText } from '../../net/redact.ts';
import { asObject } from '../../oci/json.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { SigningError, type SigningErrorCode } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { foreignText } from './foreign-text.ts';
import { logLimits } from './limits.ts';

/** A log to ask, and through what. */
export interface LogService {
  readonly network: Network;
  /** As the signing config has it; a path in it is kept. */
  readonly baseUrl: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a log answered; its body is whole. */
export interface LogAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** One question to a log. */
export interface LogQuestion {
  /** Below the base URL, without a slash in front. */
  readonly path: string;
  /** Sent by POST; without it the question is a GET. */
  readonly json?: unknown;
  /** Statuses that are answers; all others are errors. */
  readonly accepted: readonly number[];
}

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
 * Asks a log. The same entry sent twice is one entry, so a question may be repeated where the network's table says so.
 *
 * @throws SigningError SERVICE_UNAVAILABLE, SERVICE_REFUSED, SERVICE_PROTOCOL; NetError for what the user forbade
 */
export async function askLog({ network, baseUrl, signal }: LogService, question: LogQuestion): Promise<LogAnswer> {
  const url = URL.parse(`${baseUrl.replace(/\/+$/, '')}/${question.path}`);
  if (url === null) throw new SigningError('SIGNING_CONFIG_INVALID', 'The address of the log is no URL');
  try {
    const response = await network.request({
      method: question.json === undefined ? 'GET' : 'POST',
      url,
      headers: {
        accept: 'application/json',
        ...(question.json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(question.json === undefined ? {} : { body: Buffer.from(JSON.stringify(question.json)) }),
      idempotent: true,
      limits: { headersMs: logLimits.answerMs, idleMs: logLimits.answerMs, maxBodyBytes: signingLimits.answerBytes },
      signal,
    });
    const { status, headers } = response;
    if (!question.accepted.includes(status)) throw await refusal(response, url);
    return { status, headers, body: await readBody(response) };
  } catch (error) {
    throw serviceFailure(error);
  }
}

/** The error of an answer that keeps no contract. */
export function brokenContract(baseUrl: string, what: string, options?: ErrorOptions): SigningError {
  const host = URL.parse(baseUrl)?.host ?? 'The log';
  return new SigningError('SERVICE_PROTOCOL', `The log ${host} ${what}; check that this is its address`, options);
}

function serviceFailure(error: unknown): unknown {
  if (!isNetError(error)) return error;
  const code = networkFailures[error.code];
  return code === undefined
    ? error
    : new SigningError(code, `The transparency log cannot be asked: ${error.message}`, { cause: error });
}

async function refusal(response: NetworkResponse, { host }: URL): Promise<SigningError> {
  const { status } = response;
  const said = ownWords(await readStart(response));
  const answered = `The log ${host} answered ${status}${said === '' ? '' : `; it says "${said}"`}`;
  if (status === 429 || status === 408 || status >= 500) {
    return new SigningError('SERVICE_UNAVAILABLE', `${answered}; try again later`);
  }
  if (status === 409) {
    return new SigningError('SERVICE_REFUSED', `${answered}; it has this entry already, sign anew for another one`);
  }
  if (status >= 400) return new SigningError('SERVICE_REFUSED', answered);
  return new SigningError('SERVICE_PROTOCOL', `${answered}; check that this is its address`);
}

/** The server's message, made harmless. Both generations answer `{"code":…,"message":"…"}`. */
function ownWords(body: Buffer): string {
  let text = body.toString('utf8');
  try {
    const { message } = asObject(parseStrictJson(body), 'it', () => new Error('no object'));
    if (typeof message === 'string') text = message;
  } catch {
    // A web page of a gateway says nothing that fits a sentence.
    if (text.trimStart().startsWith('<')) text = '';
  }
  return foreignText(redactText(text));
}

async function readBody({ body }: NetworkResponse): Promise<Buffer> {
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
      if (length >= logLimits.errorBytes) break;
    }
  } catch {
    // The status is the answer; its words are welcome but not needed.
  }
  return Buffer.concat(chunks).subarray(0, logLimits.errorBytes);
}
