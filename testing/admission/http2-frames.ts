import { once } from 'node:events';
import { connect } from 'node:tls';

/** Types of frames (RFC 9113, 6). */
export const frameType = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames. */
export const frameFlag = { endStream: 1, endHeaders: 4 } as const;

/** One frame. */
export interface Http2Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The bytes of a frame (RFC 9113, 4.1). */
export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array = empty): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A number of 32 bits, which is what RST_STREAM and WINDOW_UPDATE carry. */
export function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** SETTINGS by their identifiers (RFC 9113, 6.5.2). */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[] = []): Buffer {
  const each = settings.map(([id, value]) => Buffer.concat([number32(id).subarray(2), number32(value)]));
  return encodeFrame(frameType.settings, 0, 0, Buffer.concat(each));
}

/** A header field that goes into no table (RFC 7541, 6.2.2). */
export function headerField(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), headerText(name), headerText(value)]);
}

/** A text of a header field (RFC 7541, 5.2), as it is. */
export function headerText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const lengths: number[] = bytes.length < 127 ? [bytes.length] : [127];
  for (let left = bytes.length - 127; left >= 0; left = left < 128 ? -1 : Math.floor(left / 128)) {
    lengths.push(left < 128 ? left : (left % 128) + 128);
  }
  return Buffer.concat([Buffer.from(lengths), bytes]);
}

/** The header block of a POST (RFC 7541; the names of RFC 9113, 8.3.1). */
export function postBlock(path: string): Buffer {
  const fields = { ':method': 'POST', ':scheme': 'https', ':authority': 'localhost', ':path': path };
  const own = { ...fields, 'content-type': 'application/json' };
  return Buffer.concat(Object.entries(own).map(([name, value]) => headerField(name, value)));
}

/** A client that keeps to no rule of HTTP/2 but what it is told to send. */
export interface RawHttp2 extends Disposable {
  /** Sends bytes as soon as there is room; those that come after the end of the connection are lost. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** What came so far. */
  readonly frames: () => readonly Http2Frame[];
  /** Waits for a frame. @returns undefined where the connection ended before it, or nothing of the kind came */
  readonly until: (wanted: (frame: Http2Frame) => boolean) => Promise<Http2Frame | undefined>;
  /** Whether the server ended it. */
  readonly isClosed: () => boolean;
  /** Leaves what comes to lie where it is. */
  readonly pause: () => void;
  readonly closed: Promise<void>;
}

/** Connects, and sends the preface with settings (RFC 9113, 3.4). @param ca PEM */
export async function openRawHttp2(
  port: number,
  ca: string,
  settings: readonly (readonly [id: number, value: number])[] = [],
): Promise<RawHttp2> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername: 'localhost', ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const closed = Promise.withResolvers<void>();
  const frames: Http2Frame[] = [];
  let rest = Buffer.alloc(0);
  let wake = (): void => undefined;
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed.resolve();
    wake();
  });
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = readFrame(rest); frame !== undefined; frame = readFrame(rest)) {
      frames.push(frame);
      rest = rest.subarray(9 + frame.payload.length);
    }
    wake();
  });
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (!socket.writable || socket.write(bytes)) return;
    await Promise.race([new Promise<void>((resolve) => socket.once('drain', resolve)), closed.promise]);
  };
  await write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settingsFrame(settings)]));
  const until: RawHttp2['until'] = async (wanted) => {
    const end = performance.now() + patience;
    for (;;) {
      const found = frames.find(wanted);
      if (found !== undefined || socket.destroyed || performance.now() > end) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, patience).unref();
      });
    }
  };
  // Limits of the server hold when its settings are acknowledged.
  await until(({ type }) => type === frameType.settings);
  await write(encodeFrame(frameType.settings, 1, 0));
  return {
    write,
    frames: () => frames,
    until,
    isClosed: () => !socket.writable,
    pause: () => void socket.pause(),
    closed: closed.promise,
    [Symbol.dispose]: () => socket.destroy(),
  };
}

function readFrame(bytes: Buffer): Http2Frame | undefined {
  if (bytes.length < 9 || bytes.length < 9 + bytes.readUIntBE(0, 3)) return undefined;
  const payload = bytes.subarray(9, 9 + bytes.readUIntBE(0, 3));
  return { type: bytes.readUInt8(3), flags: bytes.readUInt8(4), stream: bytes.readUInt32BE(5), payload };
}

const empty = new Uint8Array();
/** Milliseconds that a test waits for a frame. */
const patience = 20_000;
