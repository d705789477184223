import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { text as textOf } from 'node:stream/consumers';

/** An object of the API, or the `Status` that came in its place. */
export type ApiObject = Readonly<Record<string, unknown>>;

/** What the API server answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: ApiObject;
  /** The texts of its `Warning` headers, as they came (RFC 9111, 5.5 as it was until 2022). */
  readonly warnings: readonly string[];
}

/** Where to ask, and who asks. */
export interface ApiLogin {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** Holds the authority and the client's certificate. */
  readonly agent: Agent;
  readonly token?: string;
}

/** How the body of a PATCH is to be taken. */
export type PatchType =
  | 'application/json-patch+json'
  | 'application/merge-patch+json'
  | 'application/strategic-merge-patch+json';

/** One request. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** JSON unless it is a patch. */
  readonly contentType?: PatchType;
}

/** Asks an API server, and gives what it answered, whatever its status. A text that is no JSON comes as `{ text }`. */
export async function askApi({ url, agent, token }: ApiLogin, asked: ApiRequest): Promise<ApiAnswer> {
  const { method, path, body, contentType = 'application/json' } = asked;
  const text = body === undefined ? '' : JSON.stringify(body);
  const outgoing = request(`${url}${path}`, {
    method,
    agent,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType }),
      // Node says nothing of the body of a DELETE by itself, and the server would take it for the next request.
      'content-length': Buffer.byteLength(text),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    timeout: 70_000,
  });
  outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
  outgoing.end(text);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const answer = await textOf(response);
  const isJson = /^application\/json\b/.test(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode ?? 0,
    body: isJson ? (JSON.parse(answer) as ApiObject) : { text: answer },
    warnings: response.headersDistinct['warning'] ?? [],
  };
}
