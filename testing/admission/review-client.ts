import { type ClientHttp2Session, connect as connectHttp2, constants } from 'node:http2';
import { Agent, request } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

/** What came back. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly body: string;
}

/** What is asked. */
export interface ClientRequest {
  readonly method?: string;
  readonly path: string;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client as an API server is one: it keeps its connections. */
export interface ReviewClient extends Disposable {
  readonly send: (asked: ClientRequest) => Promise<ClientAnswer>;
}

/** Protocols that a webhook speaks. */
export const protocols = ['HTTP/1.1', 'HTTP/2'] as const;

/** What a client shows of itself, and how new its TLS is. */
export type ClientTls = Pick<ConnectionOptions, 'cert' | 'key' | 'maxVersion'>;

/** Opens a client that trusts one authority. @param serverName that the certificate must have */
export function openClient(
  protocol: (typeof protocols)[number],
  port: number,
  ca: string,
  serverName = 'localhost',
  tls: ClientTls = {},
): ReviewClient {
  const own = { ...tls, ca, servername: serverName };
  return protocol === 'HTTP/2' ? http2Client(port, own) : http1Client(port, own);
}

function http1Client(port: number, tls: ConnectionOptions): ReviewClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ...tls });
  return {
    send: ({ method = 'POST', path, body, headers = {} }) =>
      new Promise((resolve, reject) => {
        const sized = body === undefined ? {} : { 'content-length': String(body.length) };
        const all = { 'content-type': 'application/json', ...sized, ...headers };
        const asked = request({ agent, host: '127.0.0.1', port, method, path, headers: all }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        });
        asked.on('error', reject).end(body);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** A request that the server says it never looked at, which clients send again (RFC 9113, 8.7), as Go's does. */
class Unprocessed extends Error {}

function http2Client(port: number, tls: ConnectionOptions): ReviewClient {
  let session: ClientHttp2Session | undefined;
  const open = (): ClientHttp2Session => {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    // A client of Go has no bound on what waits for its turn.
    session = connectHttp2(`https://127.0.0.1:${port}`, { ...tls, maxSessionMemory: 200 });
    session.setMaxListeners(0).on('error', () => undefined);
    return session;
  };
  const send = async (asked: ClientRequest): Promise<ClientAnswer> => {
    for (;;) {
      try {
        return await sendOnce(open(), asked);
      } catch (error) {
        if (!(error instanceof Unprocessed)) throw error;
      }
    }
  };
  return { send, [Symbol.dispose]: () => session?.destroy() };
}

function sendOnce(session: ClientHttp2Session, asked: ClientRequest): Promise<ClientAnswer> {
  const { method = 'POST', path, body, headers = {} } = asked;
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers };
    const stream = session.request({ ':method': method, ':path': path, ...all });
    let answer: ClientAnswer | undefined;
    let last = Infinity;
    let failure: Error | undefined;
    const fail = (error: Error): void => void (failure ??= error);
    const bound = (_code: number, lastStreamId: number): void => void (last = lastStreamId);
    session.once('error', fail).once('goaway', bound);
    stream.on('response', (received) => {
      answer = { status: received[':status'] ?? 0, headers: received, body: '' };
    });
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    stream.on('error', fail);
    stream.on('close', () => {
      session.off('error', fail).off('goaway', bound);
      const isUnprocessed = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || (stream.id ?? 0) > last;
      if (answer !== undefined) resolve({ ...answer, body: text });
      else if (isUnprocessed) reject(new Unprocessed());
      else reject(failure ?? new Error(`The stream was closed with code ${stream.rstCode}`));
    });
    stream.end(body);
  });
}
