import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { ber, type BerValue, readAllBer, readBer } from './ber.ts';

/** An entry of the directory. */
export interface LdapEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly password?: string;
}

/** How a directory for tests answers. */
export interface LdapServerOptions {
  readonly entries: readonly LdapEntry[];
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Encrypted from the start. */
  readonly ldaps?: boolean;
  /** Changes what is sent in answer to a request, named by its tag in hexadecimal: 60 bind, 63 search, 77 extended. */
  readonly answer?: (request: string, usual: Buffer, socket: Socket) => Buffer | undefined;
}

/** What was shown in a bind. */
export interface LdapBind {
  readonly dn: string;
  readonly password: string;
  readonly encrypted: boolean;
}

/** A small LDAP directory on loopback (RFC 4511): simple binds, searches of subtrees, StartTLS. */
export interface LdapServer extends AsyncDisposable {
  readonly port: number;
  readonly binds: LdapBind[];
  readonly searches: string[];
  /** Connections that were made. */
  connections: number;
  entries: readonly LdapEntry[];
  /** Ends all connections, as directories do with idle ones. */
  hangUp(): void;
}

/** Starts it. */
export async function startLdapServer(options: LdapServerOptions): Promise<LdapServer> {
  const sockets = new Set<Socket>();
  const serve = (socket: Socket): void => {
    sockets.add(socket);
    state.connections += 1;
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    converse(socket, options, state);
  };
  const server: Server = options.ldaps === true ? createTlsServer({ ...options.tls }, serve) : createServer(serve);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const hangUp = (): void => sockets.forEach((socket) => socket.destroy());
  const state: LdapServer = {
    port: (server.address() as AddressInfo).port,
    binds: [],
    searches: [],
    connections: 0,
    entries: options.entries,
    hangUp,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        hangUp();
      }),
  };
  return state;
}

function converse(socket: Socket, options: LdapServerOptions, state: LdapServer): void {
  let rest: Buffer = Buffer.alloc(0);
  const take = (bytes: Buffer): void => {
    rest = Buffer.concat([rest, bytes]);
    for (let message = readBer(rest); message !== undefined; message = readBer(rest)) {
      rest = rest.subarray(message.end);
      const [id, request] = readAllBer(message.content) as [BerValue, BerValue];
      const usual = answerTo(id.content, request, state, socket instanceof TLSSocket);
      const name = request.tag.toString(16);
      const bytes = options.answer === undefined ? usual : options.answer(name, usual, socket);
      if (bytes !== undefined && bytes.length > 0) socket.write(bytes);
      if (request.tag !== 0x77 || options.tls === undefined) continue;
      socket.off('data', take);
      const encrypted = new TLSSocket(socket, { ...options.tls, isServer: true });
      encrypted.on('error', () => undefined);
      return converse(encrypted, options, state);
    }
  };
  socket.on('data', take);
}

function answerTo(id: Buffer, { tag, content }: BerValue, state: LdapServer, encrypted: boolean): Buffer {
  const reply = (...operations: readonly Buffer[]): Buffer =>
    Buffer.concat(operations.map((operation) => ber(0x30, ber(0x02, id), operation)));
  if (tag === 0x60) {
    const [, dn, password] = readAllBer(content) as [BerValue, BerValue, BerValue];
    const bind = { dn: dn.content.toString(), password: password.content.toString(), encrypted };
    state.binds.push(bind);
    const entry = state.entries.find((one) => fold(one.dn) === fold(bind.dn));
    // Without a password anybody may bind, as real directories allow (RFC 4513, 5.1.2).
    const right = bind.password === '' || (entry?.password !== undefined && entry.password === bind.password);
    return reply(result(0x61, right ? 0 : 49));
  }
  if (tag === 0x63) return reply(...search(content, state));
  if (tag === 0x77) return reply(result(0x78, 0));
  return Buffer.alloc(0);
}

/** An LDAPResult (RFC 4511, 4.1.9). */
export function result(tag: number, code: number): Buffer {
  return ber(tag, ber(0x0a, Buffer.from([code])), ber(0x04), ber(0x04));
}

function search(content: Buffer, state: LdapServer): Buffer[] {
  const [base, , , size, , , filter, wanted] = readAllBer(content);
  const end = fold(base?.content.toString() ?? '');
  state.searches.push(describe(filter as BerValue));
  const most = size?.content.readUIntBE(0, size.content.length) ?? 0;
  const found = state.entries.filter((entry) => fold(entry.dn).endsWith(end) && matches(entry, filter as BerValue));
  const list = readAllBer(wanted?.content ?? Buffer.alloc(0));
  const names = new Set(list.map((name) => name.content.toString().toLowerCase()));
  const entries = found.slice(0, most).map(({ dn, attributes }) => {
    const kept = Object.entries(attributes).filter(([name]) => names.has(name.toLowerCase()));
    const list = kept.map(([name, values]) =>
      ber(0x30, ber(0x04, name), ber(0x31, ...values.map((value) => ber(0x04, value)))),
    );
    return ber(0x64, ber(0x04, dn), ber(0x30, ...list));
  });
  return [...entries, result(0x65, found.length > most ? 4 : 0)];
}

function matches(entry: LdapEntry, { tag, content }: BerValue): boolean {
  const parts = tag === 0x87 ? [] : readAllBer(content);
  if (tag === 0xa0) return parts.every((part) => matches(entry, part));
  if (tag === 0xa1) return parts.some((part) => matches(entry, part));
  if (tag === 0xa2) return !matches(entry, parts[0] as BerValue);
  const attribute = (tag === 0x87 ? content : (parts[0]?.content ?? Buffer.alloc(0))).toString().toLowerCase();
  const values = Object.entries(entry.attributes).flatMap(([name, list]) =>
    name.toLowerCase() === attribute ? list : [],
  );
  if (tag === 0x87) return values.length > 0;
  if (tag === 0xa3) return values.some((value) => fold(value) === fold(parts[1]?.content.toString() ?? ''));
  // Substrings: enough for tests that nobody gets in by one.
  return tag === 0xa4 && values.length > 0;
}

function describe({ tag, content }: BerValue): string {
  if (tag === 0x87) return `(${content.toString()}=*)`;
  const parts = readAllBer(content);
  const sign: Readonly<Record<number, string>> = { 0xa0: '&', 0xa1: '|', 0xa2: '!' };
  if (sign[tag] !== undefined) return `(${sign[tag]}${parts.map(describe).join('')})`;
  return `(${parts[0]?.content.toString()}${tag === 0xa3 ? '=' : '~'}${parts[1]?.content.toString()})`;
}

/** Directories compare names and values without regard to case and to runs of blanks (RFC 4518). */
function fold(text: string): string {
  return text
    .toLowerCase()
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\s*,\s*/g, ',');
}
