import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; of repeated ones all values, joined by commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The first code of a body of errors; undefined for other bodies. */
  readonly code: string | undefined;
}

/** A connection on which a test writes whatever it likes, byte by byte. */
export interface RawConnection extends Disposable {
  readonly socket: Socket;
  send(...parts: readonly (string | Uint8Array)[]): Promise<void>;
  /**
   * The next answer; undefined when the other side ended the connection before one was whole. Those with status 1xx are passed
   * over.
   *
   * @param headOnly when the request was a HEAD, whose answer has no body whatever its length
   */
  answer(headOnly?: boolean): Promise<RawAnswer | undefined>;
  /** Until the other side ended the connection. */
  readonly closed: Promise<void>;
  /** Bytes that came and are no part of an answer that was taken. */
  rest(): Buffer;
}

/** Connects to `host:port` on loopback. */
export async function rawConnect(host: string): Promise<RawConnection> {
  const at = host.lastIndexOf(':');
  const socket = connect({ host: host.slice(0, at), port: Number(host.slice(at + 1)), allowHalfOpen: true });
  let received: Buffer = Buffer.alloc(0);
  let ended = false;
  let wake = (): void => undefined;
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      wake();
      resolve();
    };
    socket.on('end', end).on('close', end);
    // A reset is one of the ways in which a connection ends.
    socket.on('error', end);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  const connection: RawConnection = {
    socket,
    closed,
    rest: () => received,
    async send(...parts) {
      for (const part of parts) {
        await new Promise<void>((resolve) => {
          socket.write(part, () => resolve());
        });
      }
    },
    async answer(headOnly = false) {
      for (;;) {
        const taken = takeAnswer(received, headOnly);
        if (taken !== undefined) {
          received = received.subarray(taken.length);
          if (taken.answer.status >= 200) return taken.answer;
        } else if (ended) return undefined;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
    [Symbol.dispose]: () => {
      socket.destroy();
    },
  };
  return connection;
}

/** Sends bytes on a connection of their own, and gives the first answer. */
export async function rawAsk(host: string, ...parts: readonly (string | Uint8Array)[]): Promise<RawAnswer | undefined> {
  using connection = await rawConnect(host);
  const sent = connection.send(...parts);
  const answer = await connection.answer(parts[0]?.toString().startsWith('HEAD '));
  void sent;
  return answer;
}

/** A request's head: its first line, then its headers; `Host` is added. */
export function rawHead(line: string, ...headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, 'Host: registry.test', ...headers].join('\r\n')}\r\n\r\n`;
}

function takeAnswer(bytes: Buffer, headOnly: boolean): { answer: RawAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(`${first} `)?.[1]);
  if (Number.isNaN(status)) throw new Error(`This is no answer: ${first}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const before = headers.get(name);
    const value = line.slice(colon + 1).trim();
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  if (headers.has('transfer-encoding')) if (!bytes.includes('0\r\n\r\n', end)) return undefined;
  const hasBody = !headOnly && status >= 200 && status !== 204 && status !== 304;
  const size = hasBody ? Number(headers.get('content-length') ?? 0) : 0;
  const length = end + 4 + size;
  if (bytes.length < length) return undefined;
  const body = Buffer.from(bytes.subarray(end + 4, length));
  return { answer: { status, headers, body, code: codeOf(body) }, length };
}

function codeOf(body: Buffer): string | undefined {
  try {
    return (JSON.parse(body.toString()) as { errors: { code: string }[] }).errors[0]?.code;
  } catch {
    return undefined;
  }
}
