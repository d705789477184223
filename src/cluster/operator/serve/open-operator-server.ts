import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../../../base/logger.ts';
import { listenAt } from '../../../net/listen.ts';
import type { ListenAddress } from '../../../net/listen-address.ts';
import { operatorLimits as limits } from '../limits.ts';

/** What an operator tells whoever asks it. */
export interface OperatorAnswers {
  /** Why it does not work yet, in a word each; empty where it does, or could at once if it led. */
  readonly notReady: () => readonly string[];
  /** In the text format of Prometheus. */
  readonly metrics: () => AsyncIterable<string> | Iterable<string>;
  readonly logger: Logger;
}

/** A server of an operator. */
export interface OperatorServer extends AsyncDisposable {
  readonly address: ListenAddress;
}

/**
 * Serves health (`/healthz`), readiness (`/readyz`) and metrics (`/metrics`), without TLS: where they are read is for the network to say.
 *
 * @throws ListenError where the address cannot be had
 */
export async function openOperatorServer(listen: ListenAddress, answers: OperatorAnswers): Promise<OperatorServer> {
  const server = createServer(
    { headersTimeout: limits.headTime, requestTimeout: limits.headTime, keepAliveTimeout: 65_000 },
    (request, response) => {
      answer(request, response, answers).catch((error: unknown) => {
        answers.logger.debug('A request was not answered', { error });
        response.destroy();
      });
    },
  );
  server.maxConnections = limits.connections;
  await listenAt(listen, async () => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listen, () => {
        server.off('error', reject);
        resolve();
      });
    });
  });
  const { address, port } = server.address() as AddressInfo;
  return { address: { host: address, port }, [Symbol.asyncDispose]: () => close(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, answers: OperatorAnswers): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(request, response, 405, 'only GET is answered');
  switch (path) {
    case '/healthz':
      return send(request, response, 200, 'ok');
    case '/readyz': {
      const reasons = answers.notReady();
      return reasons.length === 0
        ? send(request, response, 200, 'ok')
        : send(request, response, 503, `not known yet: ${reasons.join(', ')}`);
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      if (request.method === 'HEAD') response.end();
      else await pipeline(Readable.from(pieces(answers.metrics())), response);
      return undefined;
    default:
      return send(request, response, 404, 'there are /healthz, /readyz and /metrics');
  }
}

/** In pieces that are worth sending. */
async function* pieces(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const text of texts) {
    held += text;
    if (held.length < 65_536) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}

function send(request: IncomingMessage, response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), limits.closeTime);
  await closed;
  clearTimeout(late);
}
