import { oneLine } from '../base/one-line.ts';
import { readErrorBody } from '../net/error-body.ts';
import type { NetworkResponse } from '../net/network.ts';
import { redactText } from '../net/redact.ts';
import { parseRetryAfter } from '../net/retry.ts';
import { KubernetesError, type KubernetesErrorCode } from './error.ts';
import { asList, asText, isObject, type JsonObject, parseJson } from './json.ts';
import { kubernetesLimits as limits } from './limits.ts';

/** What was asked, as messages name it, and what none of them may hold. */
export interface Question {
  /** `get pods web`. */
  readonly what: string;
  readonly secrets: readonly string[];
}

/** Reasons that tell more than their status (apimachinery, "StatusReason"). */
const codesOfReasons: ReadonlyMap<string, KubernetesErrorCode> = new Map([
  ['AlreadyExists', 'ALREADY_EXISTS'],
  ['Conflict', 'CONFLICT'],
  ['Expired', 'GONE'],
  ['Gone', 'GONE'],
  ['TooManyRequests', 'THROTTLED'],
  ['Unauthorized', 'UNAUTHORIZED'],
]);

const codesOfStatuses: ReadonlyMap<number, KubernetesErrorCode> = new Map([
  [401, 'UNAUTHORIZED'],
  [403, 'FORBIDDEN'],
  [404, 'NOT_FOUND'],
  [408, 'SERVER_FAILED'],
  [409, 'CONFLICT'],
  [410, 'GONE'],
  [429, 'THROTTLED'],
]);

const advice: Readonly<Partial<Record<KubernetesErrorCode, string>>> = {
  UNAUTHORIZED: 'check the credentials',
  DENIED: 'change what it objects to, or have its policy changed: roles do not count there',
  FORBIDDEN: 'grant it by a role, or ask as another user',
  NOT_FOUND: 'check the name, the namespace and what the cluster has',
  CONFLICT: 'read it again and try again',
  ALREADY_EXISTS: 'choose another name, or change what is there',
  INVALID: 'correct what was sent',
  THROTTLED: 'try again later',
  GONE: 'list again',
  SERVER_FAILED: 'try again later',
};

/** Makes an error of an answer that is no success, in the server's own words, made harmless. */
export async function errorOfResponse(
  response: NetworkResponse,
  question: Question,
  now: number,
): Promise<KubernetesError> {
  const { status } = response;
  if (status >= 300 && status < 400) {
    response.discard();
    const sentence = `The cluster sends whoever asks it elsewhere (status ${status}), where nobody follows; give the address of the API server itself`;
    return new KubernetesError('ANSWER_INVALID', sentence, { status });
  }
  const body = await readDocument(response);
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), now);
  return errorOfStatus({ ...body, code: status }, question, retryAfterMs);
}

/** Makes an error of a Status (Kubernetes API, "Status"), which also comes inside of a watch. */
export function errorOfStatus(
  document: JsonObject,
  { what, secrets }: Question,
  retryAfterMs?: number,
): KubernetesError {
  const status = typeof document['code'] === 'number' ? document['code'] : 0;
  const reason = asText(document['reason']);
  const known = reason !== undefined && /^\w{1,64}$/.test(reason) ? reason : undefined;
  const words = clean(wordsOf(document), secrets);
  const denier = denierOf(status, words);
  const code = denier === undefined ? codeOf(status, known) : 'DENIED';
  const said = words === '' ? '' : `: ${words}`;
  const who = denier ?? 'The cluster';
  const sentence = `${who} ${denier === undefined ? 'did not' : 'forbids to'} ${what} (status ${status}${known === undefined ? '' : `, ${known}`})${said}; ${advice[code] ?? 'try again later'}`;
  return new KubernetesError(code, sentence, {
    status,
    ...(known === undefined ? {} : { reason: known }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/**
 * Who does not let it pass, where that is not the authorisation of the API server: its status is whatever a webhook says, and 403 where it
 * says nothing (k8s.io/apiserver, `ToStatusErr`; ValidatingAdmissionPolicy has 422).
 */
function denierOf(status: number, words: string): string | undefined {
  if (status < 400 || status >= 500) return undefined;
  const webhook = /^admission webhook "([^"]{1,253})" denied the request\b/.exec(words)?.[1];
  if (webhook !== undefined) return `The webhook "${webhook}" of the cluster`;
  const policy = /\bValidatingAdmissionPolicy '([^']{1,253})' with binding '[^']{1,253}' denied request\b/.exec(
    words,
  )?.[1];
  return policy === undefined ? undefined : `The ValidatingAdmissionPolicy "${policy}" of the cluster`;
}

function codeOf(status: number, reason: string | undefined): KubernetesErrorCode {
  const told = reason === undefined ? undefined : codesOfReasons.get(reason);
  const code = told ?? codesOfStatuses.get(status);
  if (code !== undefined) return code;
  return status >= 400 && status < 500 ? 'INVALID' : 'SERVER_FAILED';
}

/** The message, and of what is wrong with single fields what it does not say already. */
function wordsOf(document: JsonObject): string {
  const message = asText(document['message']) ?? '';
  const details = isObject(document['details']) ? document['details'] : {};
  const causes: string[] = [];
  try {
    for (const cause of asList(details['causes'], 'causes', limits.causes)) {
      if (!isObject(cause)) continue;
      const text = [asText(cause['field']), asText(cause['message'])].filter((part) => part !== undefined).join(': ');
      if (text !== '' && !message.includes(asText(cause['message']) ?? text)) causes.push(text);
    }
  } catch {
    // The message alone is enough.
  }
  return [message, ...causes].filter((text) => text !== '').join('; ');
}

/** The server's own words, fit for one line of a terminal. Webhooks write whatever they like into them. */
export function clean(text: string, secrets: readonly string[] = []): string {
  return oneLine(redactText(text, secrets), limits.messageLength);
}

async function readDocument(response: NetworkResponse): Promise<JsonObject> {
  const bytes = await readErrorBody(response, limits);
  try {
    const document = parseJson(bytes);
    if (isObject(document)) return document;
  } catch {
    // The health checks and some proxies answer in plain text.
  }
  const text = bytes.toString('utf8');
  return text.trimStart().startsWith('<') ? {} : { message: text };
}
