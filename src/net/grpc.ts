import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { NetError } from './error.ts';

/** One unary call of gRPC over a local socket, the way that SPIFFE's workload API and KMS plugins are reached. */
export interface GrpcCall {
  /** A local socket's path. */
  readonly socketPath: string;
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The request, encoded. */
  readonly message: Uint8Array;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A status other than OK is an answer, not a failure of the network. */
export interface GrpcAnswer {
  /** 0 is OK (gRPC, "Status codes and their use"). */
  readonly status: number;
  readonly statusMessage: string;
  /** The response's message, encoded; empty where the status is not OK. */
  readonly message: Buffer;
}

/** Flag and length before each message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const prefixBytes = 5;

/**
 * Makes a unary call (gRPC over HTTP2, "Requests" and "Responses").
 *
 * @throws NetError, or the signal's reason
 */
export async function callGrpc(call: GrpcCall): Promise<GrpcAnswer> {
  call.signal?.throwIfAborted();
  const session = connectHttp2('http://localhost', { createConnection: () => connect(call.socketPath) });
  try {
    return await exchange(session, call);
  } finally {
    session.destroy();
  }
}

function exchange(session: ClientHttp2Session, call: GrpcCall): Promise<GrpcAnswer> {
  const { socketPath, signal } = call;
  return new Promise((resolve, reject) => {
    const fail = (
      code: 'REFUSED' | 'RESET' | 'TIMEOUT' | 'TOO_LARGE' | 'PROTOCOL',
      why: string,
      cause?: unknown,
    ): void =>
      reject(new NetError(code, socketPath, `${socketPath} ${why}`, cause === undefined ? undefined : { cause }));
    const timer = setTimeout(() => fail('TIMEOUT', `did not answer within ${call.timeoutMs} ms`), call.timeoutMs);
    const onAbort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
    let connected = false;
    session.on('connect', () => {
      connected = true;
    });
    // A stream on a session that never came about fails before the session itself does.
    const onError = (cause: Error): void =>
      connected
        ? fail('RESET', `broke off: ${cause.message}`, cause)
        : fail('REFUSED', `cannot be reached: ${cause.message}`, cause);
    session.on('error', onError);
    const stream = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: call.path,
      [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
      te: 'trailers',
      ...call.metadata,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    // A failure is told in the headers when there is no message, else in the trailers.
    const told: Record<string, unknown> = {};
    stream.on('response', (headers) => Object.assign(told, headers));
    stream.on('trailers', (trailers) => Object.assign(told, trailers));
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > call.maxBytes + prefixBytes) fail('TOO_LARGE', `answers more than ${call.maxBytes} bytes`);
      else chunks.push(chunk);
    });
    stream.on('error', onError);
    stream.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      const answer = readAnswer(Buffer.concat(chunks), told);
      if (answer === undefined) fail('PROTOCOL', 'does not speak gRPC');
      else resolve(answer);
    });
    stream.end(Buffer.concat([prefixOf(call.message), call.message]));
  });
}

function prefixOf(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return prefix;
}

function readAnswer(bytes: Buffer, told: Readonly<Record<string, unknown>>): GrpcAnswer | undefined {
  const text = told['grpc-status'];
  if (typeof text !== 'string' || !/^\d{1,3}$/.test(text)) return undefined;
  const words = told['grpc-message'];
  const answer = { status: Number(text), statusMessage: typeof words === 'string' ? words : '' };
  if (answer.status !== 0) return { ...answer, message: Buffer.alloc(0) };
  // Uncompressed, and one message only: nothing else was asked for.
  if (bytes.length < prefixBytes || bytes[0] !== 0) return undefined;
  if (bytes.readUInt32BE(1) !== bytes.length - prefixBytes) return undefined;
  return { ...answer, message: bytes.subarray(prefixBytes) };
}
