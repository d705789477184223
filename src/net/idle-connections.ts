import type { Agent, ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

/** Keeps the connections that nobody uses within bounds, of all hosts together: the one that is idle longest goes first. */
export class IdleConnections {
  readonly #idle = new Set<Duplex>();
  /** Those whose end is told already. */
  readonly #watched = new WeakSet<Duplex>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many there are. */
  get size(): number {
    return this.#idle.size;
  }

  /** Counts those of a pool as well. */
  bound(agent: Agent): void {
    const keep = agent.keepSocketAlive.bind(agent);
    const reuse = agent.reuseSocket.bind(agent);
    // Node.js, "agent.keepSocketAlive(socket)", "agent.reuseSocket(socket, request)": what a pool asks before it keeps and uses one.
    agent.keepSocketAlive = (socket: Duplex): boolean => {
      // The declared result is none, and what is documented is whether it is kept.
      const isKept = (keep(socket) as unknown as boolean | undefined) !== false;
      if (isKept) this.#add(socket);
      return isKept;
    };
    agent.reuseSocket = (socket: Duplex, request: ClientRequest): void => {
      this.#idle.delete(socket);
      reuse(socket, request);
    };
  }

  #add(socket: Duplex): void {
    if (!this.#watched.has(socket)) {
      this.#watched.add(socket);
      socket.once('close', () => this.#idle.delete(socket));
    }
    this.#idle.add(socket);
    const [oldest] = this.#idle;
    if (this.#idle.size <= this.#most || oldest === undefined) return;
    this.#idle.delete(oldest);
    oldest.destroy();
  }
}
