import type { Http2SecureServer, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Exchange } from './exchange.ts';

/** One connection of a client. */
interface Connection {
  /** What it is within TLS; the plain one until the handshake is done. */
  socket: Socket;
  /** Where it speaks HTTP/2. */
  session: ServerHttp2Session | undefined;
  /** Requests that are being answered. */
  busy: number;
  /** It ends when they are. */
  isOver: boolean;
}

/** The connections of a server: how many there are, which go when there are too many, and how they all end. */
export class ServerConnections {
  readonly #most: number;
  readonly #count: (open: number) => void;
  /** By the client's address and port, which are the same within TLS and without. */
  readonly #open = new Map<string, Connection>();
  readonly #known = new WeakMap<object, Connection>();
  /** Those on which no request is under way; the one that is so longest comes first. */
  readonly #idle = new Set<Connection>();
  #isDismissing = false;

  /** @param count is told how many there are now */
  constructor(most: number, count: (open: number) => void) {
    this.#most = most;
    this.#count = count;
  }

  /** Looks after the connections of a server, as long as it listens. */
  watch(server: Http2SecureServer): void {
    server.on('connection', (socket: Socket) => this.#arrived(socket));
    server.on('secureConnection', (socket: Socket) => {
      const connection = this.#open.get(placeOf(socket));
      if (connection === undefined) return;
      connection.socket = socket;
      this.#known.set(socket, connection);
    });
    server.on('session', (session: ServerHttp2Session) => {
      const connection = this.#open.get(placeOf(session.socket));
      if (connection === undefined) return;
      connection.session = session;
      this.#known.set(session, connection);
      // One that came while others are ended is served, and told to go on elsewhere.
      if (this.#isDismissing) session.once('stream', () => session.close());
    });
  }

  /** A request came. @returns what says that it is answered */
  begin(exchange: Pick<Exchange, 'connection'>): () => void {
    const connection = this.#known.get(exchange.connection);
    if (connection === undefined) return () => undefined;
    connection.busy += 1;
    this.#idle.delete(connection);
    return () => {
      connection.busy -= 1;
      if (connection.busy > 0 || connection.socket.destroyed) return;
      if (connection.isOver) connection.socket.destroySoon();
      else this.#idle.add(connection);
    };
  }

  /**
   * Tells clients to connect anew: to another replica, as soon as nobody is sent here any more. Nothing under way is cut off; what was
   * just being sent is not looked at, and Go's client sends it again because the frame says so (RFC 9113, 6.8).
   */
  dismiss(): void {
    this.#isDismissing = true;
    for (const { session } of this.#open.values()) session?.close();
  }

  /** Has all that are there now end when what is under way on them is answered; others come in their place. */
  renew(): void {
    for (const connection of this.#open.values()) {
      connection.isOver = true;
      connection.session?.close();
      if (connection.session === undefined && connection.busy === 0) connection.socket.destroy();
    }
  }

  /** Ends those on which nothing is under way, and the others after that. */
  endIdle(): void {
    for (const { session } of this.#open.values()) session?.close();
    for (const { session, socket } of this.#idle) if (session === undefined) socket.destroy();
  }

  /** Ends all. */
  endAll(): void {
    for (const { session, socket } of this.#open.values()) {
      session?.destroy();
      socket.destroy();
    }
  }

  #arrived(socket: Socket): void {
    if (this.#open.size >= this.#most && !this.#makeRoom()) {
      socket.destroy();
      return;
    }
    const place = placeOf(socket);
    const connection: Connection = { socket, session: undefined, busy: 0, isOver: false };
    this.#open.set(place, connection);
    this.#idle.add(connection);
    this.#count(this.#open.size);
    socket.once('close', () => {
      if (this.#open.get(place) === connection) this.#open.delete(place);
      this.#idle.delete(connection);
      this.#count(this.#open.size);
    });
  }

  /** Ends the connection that waits longest for a request: clients open another when they need one. */
  #makeRoom(): boolean {
    const [longest] = this.#idle;
    if (longest === undefined) return false;
    this.#idle.delete(longest);
    this.#open.delete(placeOf(longest.socket));
    longest.socket.destroy();
    return true;
  }
}

function placeOf({ remoteAddress = '', remotePort = 0 }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}
