import { parseStrictJson } from '../codec/json/parse.ts';
import { isSeaworthyError } from '../base/error.ts';
import { isNetError } from '../net/error.ts';
import type { Network, NetworkRequest, NetworkResponse } from '../net/network.ts';
import { asObject, asText, type JsonObject } from '../oci/json.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

/** A question to an API that answers with JSON. */
export interface JsonQuestion {
  /** The service, as messages call it: `AWS KMS`. */
  readonly service: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as a form. */
  readonly body?:
    | { readonly json: unknown }
    | { readonly form: Readonly<Record<string, string>> }
    | { readonly bytes: Buffer };
  readonly signal?: AbortSignal | undefined;
  /** Whether the question may be asked twice; signing again is harmless, creating is not. */
  readonly idempotent?: boolean;
  /** Whether redirects are followed: those who hand out credentials have no reason to send anybody elsewhere. */
  readonly followRedirects?: boolean;
}

/** An answer, whatever its status. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Empty when the body was no JSON object and the status no success. */
  readonly document: JsonObject;
}

/**
 * Asks an API. No status is a failure here; see {@link expectOk}.
 *
 * @throws CloudError SERVICE_UNAVAILABLE when nothing, ANSWER_INVALID when something else than JSON came back; the signal's reason
 */
export async function askJson(network: Network, question: JsonQuestion): Promise<JsonAnswer> {
  const { service, signal } = question;
  const { status, headers, bytes } = await askBytes(network, requestOf(question), service, signal);
  const complain = (what: string): CloudError =>
    new CloudError('ANSWER_INVALID', `${service} answered with something that its interface does not have: ${what}`);
  try {
    return { status, headers, document: asObject(parseStrictJson(bytes), 'the answer', complain) };
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    if (status < 200 || status > 299) return { status, headers, document: {} };
    throw error instanceof CloudError ? error : complain(`no JSON (${error.code})`);
  }
}

/**
 * Sends a request and reads the whole answer.
 *
 * @throws CloudError SERVICE_UNAVAILABLE, or the signal's reason
 */
export async function askBytes(
  network: Network,
  request: NetworkRequest,
  service: string,
  signal?: AbortSignal,
): Promise<{
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly url: URL;
  readonly bytes: Buffer;
}> {
  try {
    const response: NetworkResponse = await network.request({
      ...request,
      signal,
      limits: { maxBodyBytes: cloudLimits.answerBytes, ...request.limits },
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    return { status: response.status, headers: response.headers, url: response.url, bytes: Buffer.concat(chunks) };
  } catch (cause) {
    if (!isNetError(cause)) throw cause;
    throw new CloudError('SERVICE_UNAVAILABLE', `${service} cannot be asked: ${cause.message}`, { cause });
  }
}

/**
 * Throws unless an answer is a success. What the service says of it is passed on only as far as it is a short code: longer
 * texts may repeat what was sent.
 *
 * @throws CloudError SERVICE_REFUSED, or SERVICE_UNAVAILABLE when it may be otherwise later
 */
export function expectOk({ status, document }: JsonAnswer, service: string, what: string): JsonObject {
  if (status >= 200 && status <= 299) return document;
  const code = codeOf(document);
  const detail = code === undefined ? `status ${status}` : `status ${status}, ${code}`;
  const kind = status === 408 || status === 429 || status >= 500 ? 'SERVICE_UNAVAILABLE' : 'SERVICE_REFUSED';
  throw new CloudError(kind, `${service} did not ${what}: ${detail}${advice(status)}`);
}

/** The text of a field. @throws CloudError ANSWER_INVALID */
export function expectText(document: JsonObject, name: string, service: string): string {
  const value = asText(document[name]);
  if (value !== undefined) return value;
  throw new CloudError('ANSWER_INVALID', `${service} answered without ${name}`);
}

function advice(status: number): string {
  if (status === 401 || status === 403) return '; check the credentials and what they may do';
  if (status === 404) return '; check the name';
  return '';
}

/** How AWS, its STS, Google, Azure, Kubernetes, OAuth and registries name what went wrong. */
function codeOf(document: JsonObject): string | undefined {
  const { error, Error: sts, errors } = document;
  const [nested, inner, first] = [error, sts, Array.isArray(errors) ? (errors as unknown[])[0] : undefined].map(
    (value) => (typeof value === 'object' && value !== null ? (value as JsonObject) : {}),
  );
  const candidates = [document['__type'], nested?.['status'], nested?.['code'], error, document['reason']];
  candidates.push(inner?.['Code'], first?.['code']);
  return candidates.find((text): text is string => typeof text === 'string' && /^[\w.#-]{1,80}$/.test(text));
}

function requestOf({ method, url, headers, body, idempotent, followRedirects = false }: JsonQuestion): NetworkRequest {
  const type = body === undefined ? {} : { 'content-type': 'form' in body ? formType : jsonType };
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url,
    headers: { accept: 'application/json', ...type, ...headers },
    ...(body === undefined ? {} : { body: encode(body) }),
    ...(idempotent === undefined ? {} : { idempotent }),
    followRedirects,
  };
}

const jsonType = 'application/json';
const formType = 'application/x-www-form-urlencoded';

function encode(body: NonNullable<JsonQuestion['body']>): Buffer {
  if ('bytes' in body) return body.bytes;
  return Buffer.from('form' in body ? new URLSearchParams(body.form).toString() : JSON.stringify(body.json));
}
