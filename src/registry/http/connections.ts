import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { limits } from '../limits.ts';
import { answerRefusal, answerTooMany, type ParserError } from './refusal.ts';
import { type Exchange, Pace } from './pace.ts';

/**
 * Why this side ended a connection: it was silent, its client too slow, too many others came while no request was under way
 * on it, or it was one too many itself.
 */
export type ConnectionEnd = 'silent' | 'slow' | 'crowded-out' | 'refused';

/** Is told of connections, for the metrics. */
export interface ConnectionObserver {
  /** How many there are now. */
  readonly count: (open: number) => void;
  readonly ended: (why: ConnectionEnd) => void;
}

/** What connections are held to. */
export interface ConnectionOptions {
  /** At a time. */
  readonly most?: number;
  /** Bytes a second. */
  readonly leastSpeed?: number;
  readonly observe?: ConnectionObserver;
  /** Milliseconds that never go back. */
  readonly monotonic?: () => number;
}

/** A connection, and what it is busy with. */
interface Connection {
  /** What is read from: within TLS, where that is spoken. */
  socket: Socket;
  /** The request that came last, whether it is served or waits. */
  latest: Exchange | undefined;
  /** The request that is served. */
  serving: Exchange | undefined;
  pace: Pace | undefined;
  /** Requests that came before the one before them was answered. */
  readonly waiting: (() => void)[];
  /** It ends; what still comes is for nobody. */
  isEnding: boolean;
  /** It ends with the request that is served. */
  isLast: boolean;
}

const nobody: ConnectionObserver = { count: () => undefined, ended: () => undefined };

/**
 * The connections of a server: how many there are, what each is busy with, when silence or slowness ends one, and whether what
 * cannot be read is answered or only ends it.
 */
export class Connections {
  readonly #most: number;
  readonly #leastSpeed: number;
  readonly #observe: ConnectionObserver;
  readonly #monotonic: () => number;
  readonly #known = new WeakMap<Duplex, Connection>();
  /** By the client's address and port, which are the same within TLS and without. */
  readonly #open = new Map<string, Connection>();
  /** Those on which no request is under way; the one that is so longest comes first. */
  readonly #idle = new Set<Connection>();
  readonly #serving = new Set<Connection>();
  #toldRefusals = 0;

  constructor(options: ConnectionOptions = {}) {
    this.#most = options.most ?? limits.connections;
    this.#leastSpeed = options.leastSpeed ?? limits.leastSpeed;
    this.#observe = options.observe ?? nobody;
    this.#monotonic = options.monotonic ?? (() => performance.now());
  }

  /** Looks after the connections of a server, as long as it listens. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#arrived(socket, server));
    server.on('secureConnection', (socket: Socket) => this.#secured(socket));
    server.on('timeout', (socket: Socket) => this.#fellSilent(socket));
    const timer = setInterval(() => this.endSlow(), limits.paceEvery);
    timer.unref();
    server.on('close', () => clearInterval(timer));
  }

  /**
   * Serves a request, after those that came before it on its connection: answers go out in that order anyway, and each that is
   * ready before its turn holds memory.
   */
  serve(request: IncomingMessage, response: ServerResponse, handle: () => void): void {
    const connection = this.#known.get(request.socket);
    if (connection === undefined || connection.isEnding) return;
    const exchange = { request, response };
    connection.latest = exchange;
    if (connection.serving === undefined) this.#begin(connection, exchange, handle);
    else if (connection.waiting.length < limits.pipelined) {
      connection.waiting.push(() => this.#begin(connection, exchange, handle));
    } else this.#end(connection, 'refused');
  }

  /** Lets clients connect anew, since who may do that changed; what is served now is served to its end. */
  endBetweenRequests(): void {
    for (const connection of this.#idle) connection.socket.destroy();
    for (const connection of this.#serving) connection.isLast = true;
  }

  /** Ends connections whose clients are too slow. */
  endSlow(): void {
    const now = this.#monotonic();
    for (const connection of this.#serving) if (connection.pace?.isTooSlow(now) === true) this.#end(connection, 'slow');
  }

  /**
   * Answers bytes that are no request, and ends their connection. Answers to requests before them go out first: whatever was
   * written now would become a part of them.
   */
  refuse(error: ParserError, socket: Duplex): void {
    const connection = this.#known.get(socket);
    if (connection?.isEnding === true) return;
    if (connection !== undefined) connection.isEnding = true;
    const latest = connection?.latest;
    const isIdle = latest === undefined || latest.response.writableFinished;
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (isIdle) answerRefusal(error, socket);
    else if (latest.request.complete) latest.response.once('finish', () => socket.end());
    // The body of the request is what cannot be read. An answer without a socket waits for one before it.
    else if (latest.response.socket === socket && !latest.response.headersSent) answerRefusal(error, socket);
    else socket.destroy();
  }

  #arrived(socket: Socket, server: Server): void {
    if (this.#open.size >= this.#most && !this.#makeRoom()) {
      this.#turnAway(socket, server);
      return;
    }
    const connection: Connection = {
      socket,
      latest: undefined,
      serving: undefined,
      pace: undefined,
      waiting: [],
      isEnding: false,
      isLast: false,
    };
    const place = placeOf(socket);
    this.#known.set(socket, connection);
    this.#open.set(place, connection);
    this.#idle.add(connection);
    this.#observe.count(this.#open.size);
    socket.once('close', () => {
      if (this.#open.get(place) === connection) this.#open.delete(place);
      this.#idle.delete(connection);
      this.#serving.delete(connection);
      connection.waiting.length = 0;
      this.#observe.count(this.#open.size);
    });
  }

  #secured(socket: Socket): void {
    const connection = this.#open.get(placeOf(socket));
    if (connection === undefined) return;
    connection.socket = socket;
    this.#known.set(socket, connection);
  }

  #turnAway(socket: Socket, server: Server): void {
    this.#observe.ended('refused');
    // A client that waits for a handshake would not understand it.
    if ('setSecureContext' in server || this.#toldRefusals >= limits.toldRefusals) {
      socket.destroy();
      return;
    }
    this.#toldRefusals += 1;
    socket.once('close', () => (this.#toldRefusals -= 1));
    answerTooMany(socket);
  }

  /** Ends the connection that waits longest for a request: clients open another when they need one. */
  #makeRoom(): boolean {
    const [longest] = this.#idle;
    if (longest === undefined) return false;
    this.#idle.delete(longest);
    this.#open.delete(placeOf(longest.socket));
    this.#end(longest, 'crowded-out');
    return true;
  }

  #begin(connection: Connection, exchange: Exchange, handle: () => void): void {
    connection.serving = exchange;
    connection.pace = new Pace(exchange, this.#leastSpeed);
    this.#idle.delete(connection);
    this.#serving.add(connection);
    exchange.response.once('close', () => this.#finished(connection));
    handle();
  }

  #finished(connection: Connection): void {
    connection.serving = undefined;
    if (connection.isLast) connection.socket.destroySoon();
    const next = connection.waiting.shift();
    if (next !== undefined) next();
    else {
      this.#serving.delete(connection);
      if (!connection.socket.destroyed) this.#idle.add(connection);
    }
  }

  /** Unless it is silent because this side is at work: a large blob may take minutes to reach a disk, and its client waits. */
  #fellSilent(socket: Socket): void {
    const connection = this.#known.get(socket);
    const serving = connection?.serving;
    const works = serving?.request.complete === true && !serving.response.headersSent && !serving.response.destroyed;
    if (works) return;
    // Without a request it is only one that is kept for the next, and nobody needs to hear of it.
    if (connection === undefined || serving === undefined) socket.destroy();
    else this.#end(connection, 'silent');
  }

  #end(connection: Connection, why: ConnectionEnd): void {
    connection.isEnding = true;
    connection.waiting.length = 0;
    this.#observe.ended(why);
    connection.socket.destroy();
  }
}

function placeOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
