import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { errorMessage } from '../../base/error.ts';
import { RefusedError, SigstoreDevError } from '../error.ts';
import type { FaultPlan } from '../fault.ts';
import { sigstoreDevLimits } from '../limits.ts';
import { type DevAnswer, jsonAnswer } from './message.ts';
import { findRoute, type Service } from './router.ts';

/** A server that listens on loopback. */
export interface DevServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** What is known of a request once it was answered. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  /** What broke inside, where the status is 500. */
  readonly error?: unknown;
}

/** How a server behaves. */
export interface DevServerOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly faults: FaultPlan;
  /** Told of every answered request. */
  readonly onExchange?: ((exchange: Exchange) => void) | undefined;
}

/** Takes a port of 127.0.0.1; requests wait until `serve` names the services. @throws SigstoreDevError */
export async function openServer(
  options: DevServerOptions,
): Promise<DevServer & { serve(services: readonly Service[]): void }> {
  const ready = Promise.withResolvers<readonly Service[]>();
  const server = createServer((request, response) => {
    ready.promise.then((services) => handle(services, options, request, response)).catch(() => response.destroy());
  });
  server.requestTimeout = sigstoreDevLimits.requestMs;
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    serve: (services) => ready.resolve(services),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `Nothing can listen at 127.0.0.1:${port}: ${errorMessage(cause)}; name another --port`;
      reject(new SigstoreDevError('ADDRESS_UNAVAILABLE', message, { cause }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function handle(
  services: readonly Service[],
  { faults, onExchange }: DevServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  let answer: DevAnswer;
  let broken: { readonly error: unknown } | undefined;
  let refuse = plainRefusal;
  try {
    const { service, route, parameters } = findRoute(services, method, url.pathname);
    ({ refuse } = service);
    const fault = faults.transport(service.name, url.pathname);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'drop') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'delay') await wait(fault.ms);
    const body = await readBody(request);
    answer =
      fault?.kind === 'status'
        ? { status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' }
        : await route.handle({ method, url, headers: request.headers, body }, parameters);
  } catch (error) {
    if (error instanceof RefusedError) {
      const refusal = refuse(error);
      answer = { ...refusal, headers: { ...refusal.headers, ...error.headers } };
    } else {
      broken = { error };
      answer = jsonAnswer(500, { code: 500, message: 'The service broke' });
    }
  }
  onExchange?.({ method, path: `${url.pathname}${url.search}`, status: answer.status, ...broken });
  const bytes = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, { 'content-length': String(bytes.length), ...answer.headers });
  response.end(method === 'HEAD' ? undefined : bytes);
}

function plainRefusal(error: RefusedError): DevAnswer {
  return jsonAnswer(error.code === 'METHOD_UNKNOWN' ? 405 : 404, { code: error.code, message: error.message });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > sigstoreDevLimits.requestBytes) {
      throw new RefusedError('TOO_LARGE', `The request has more than ${sigstoreDevLimits.requestBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
