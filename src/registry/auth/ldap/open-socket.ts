import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { BerReader } from 'ldapts';
import { ldapLimits } from './limits.ts';
import type { CheckedLdapSettings } from './settings.ts';

/**
 * Opens a connection on which passwords may be sent: encrypted as the settings say, with a certificate that was checked. A
 * library that did this itself would open another one, in plain text, when this is lost.
 *
 * @throws whatever hindered it, or the signal's reason
 */
export async function openLdapSocket(settings: CheckedLdapSettings, signal?: AbortSignal): Promise<Socket> {
  const time = AbortSignal.timeout(ldapLimits.connectMs);
  const either = signal === undefined ? time : AbortSignal.any([time, signal]);
  either.throwIfAborted();
  const plain = connect({ host: settings.host, port: settings.port, noDelay: true });
  // Whoever uses a socket hears of its errors; until then they must not end the process.
  plain.on('error', ignore);
  const stop = (): void => void plain.destroy(either.reason as Error);
  either.addEventListener('abort', stop, { once: true });
  try {
    await once(plain, 'connect');
    if (settings.tls === 'none') return plain;
    if (settings.tls === 'start tls') await startTls(plain);
    const encrypted = encrypt(plain, settings);
    encrypted.on('error', ignore);
    await once(encrypted, 'secureConnect');
    return encrypted;
  } catch (error) {
    plain.destroy();
    throw error;
  } finally {
    either.removeEventListener('abort', stop);
  }
}

const ignore = (): void => undefined;

function encrypt(socket: Socket, { host, ca }: CheckedLdapSettings): TLSSocket {
  return connectTls({
    socket,
    host,
    // A server name is a name and no address (RFC 6066, 3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
  });
}

/** Waits for an event, or for what ends the socket before. */
async function once(socket: Socket, event: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const closed = (): void => done(new Error('The connection was closed before it was ready'));
    const done = (error?: Error): void => {
      socket.off(event, succeeded).off('error', done).off('close', closed);
      if (error === undefined) resolve();
      else reject(error);
    };
    const succeeded = (): void => done();
    socket.on(event, succeeded).on('error', done).on('close', closed);
  });
}

/** The request with message id 1 (RFC 4511, 4.14.1). */
const startTlsRequest = Buffer.concat([
  Buffer.from('301d02010177188016', 'hex'),
  Buffer.from('1.3.6.1.4.1.1466.20037'),
]);

const sequence = 0x30;
const extendedResponse = 0x78;

/**
 * Asks for encryption. Whatever came with the answer was not encrypted, so it must be the answer and nothing else: what
 * somebody put behind it would later be read as if the directory had said it.
 */
async function startTls(socket: Socket): Promise<void> {
  socket.write(startTlsRequest);
  let answer = Buffer.alloc(0);
  for (;;) {
    answer = Buffer.concat([answer, await nextBytes(socket)]);
    if (answer.length > ldapLimits.startTlsBytes) throw new Error('The directory answered StartTLS with too much');
    const code = readResult(answer);
    if (code === 0) return;
    if (code !== undefined) throw new Error(`The directory refused StartTLS with result ${code}`);
  }
}

async function nextBytes(socket: Socket): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    const closed = (): void => failed(new Error('The connection was closed in answer to StartTLS'));
    const stop = (): void => void socket.off('data', came).off('error', failed).off('close', closed).pause();
    const came = (bytes: Buffer): void => {
      stop();
      resolve(bytes);
    };
    const failed = (error: Error): void => {
      stop();
      reject(error);
    };
    socket.on('data', came).on('error', failed).on('close', closed).resume();
  });
}

/** The result code of a whole answer; undefined while it is not whole. */
function readResult(bytes: Buffer): number | undefined {
  if (bytes[0] !== sequence) throw new Error('The directory answered StartTLS with something else');
  const reader = new BerReader(bytes);
  if (reader.readSequence() === null || reader.remain < reader.length) return undefined;
  const isLonger = reader.remain > reader.length;
  const id = reader.readInt();
  const operation = reader.readSequence();
  const code = operation === extendedResponse ? reader.readEnumeration() : null;
  if (isLonger || id !== 1 || code === null) throw new Error('The directory answered StartTLS with something else');
  return code;
}
