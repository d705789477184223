import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { NetError, type NetErrorCode } from './error.ts';
import { netErrorOf } from './failure.ts';
import type { RequestLimits } from './limits.ts';

/** A request's body: bytes, or a way to stream them anew for each try. */
export type RequestBody = Uint8Array | (() => AsyncIterable<Uint8Array>);

/** One try of one request. */
export interface Exchange {
  readonly host: string;
  readonly body: RequestBody | undefined;
  readonly limits: RequestLimits;
  readonly signal: AbortSignal | undefined;
  /** Makes the request; called once, and its failure counts as the exchange's. */
  start(): ClientRequest;
}

/**
 * Sends one request and waits for the head of its response: connection, sending and waiting each under their own limit.
 *
 * @throws NetError, or the signal's reason
 */
export function runExchange(exchange: Exchange): Promise<IncomingMessage> {
  const { host, limits, signal, body } = exchange;
  return new Promise((resolve, reject) => {
    let request: ClientRequest;
    let timer: NodeJS.Timeout | undefined;
    let settled = false;

    function settle(act: () => void): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      act();
    }
    function fail(error: unknown): void {
      settle(() => {
        request?.destroy();
        reject(error);
      });
    }
    function onAbort(): void {
      fail(signal?.reason);
    }
    function arm(milliseconds: number, code: NetErrorCode, sentence: string): void {
      clearTimeout(timer);
      if (settled) return;
      timer = setTimeout(() => fail(new NetError(code, host, `${host} ${sentence}`)), milliseconds);
    }
    function armSend(): void {
      arm(limits.idleMs, 'TIMEOUT', 'stopped reading what was sent to it');
    }

    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) return onAbort();
    try {
      request = exchange.start();
    } catch (error) {
      return fail(netErrorOf(error, host));
    }
    arm(limits.connectMs, 'TIMEOUT', 'could not be connected to in time');
    request.on('error', (error) => fail(netErrorOf(error, host)));
    request.on('response', (message) => settle(() => resolve(message)));
    request.on('upgrade', (_message, socket) => {
      socket.destroy();
      fail(new NetError('PROTOCOL', host, `${host} answered with a change of protocol that nobody asked for`));
    });
    request.on('socket', (socket: Socket) => {
      whenConnected(socket, request.reusedSocket, armSend);
    });
    request.on('finish', () => arm(limits.headersMs, 'TIMEOUT', 'did not answer in time'));
    send(request, body, armSend, () => settled).catch((error: unknown) => fail(netErrorOf(error, host)));
  });
}

function whenConnected(socket: Socket, reused: boolean, act: () => void): void {
  if (reused) return act();
  const secure = (socket as Partial<TLSSocket>).encrypted === true;
  if (secure) socket.once('secureConnect', act);
  else if (socket.connecting) socket.once('connect', act);
  else act();
}

async function send(
  request: ClientRequest,
  body: RequestBody | undefined,
  progressed: () => void,
  isOver: () => boolean,
): Promise<void> {
  if (typeof body !== 'function') {
    request.end(body);
    return;
  }
  for await (const chunk of body()) {
    if (isOver()) return;
    if (request.write(chunk)) continue;
    await drained(request);
    if (!isOver()) progressed();
  }
  if (!isOver()) request.end();
}

/** Waits until a request takes more bytes, or never will. */
function drained(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      request.off('drain', done);
      request.off('close', done);
      resolve();
    };
    request.on('drain', done);
    request.on('close', done);
    // It may have been closed before anybody listened.
    if (request.closed) done();
  });
}
