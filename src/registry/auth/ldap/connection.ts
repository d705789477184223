import type { Socket } from 'node:net';
import { Client, type Entry } from 'ldapts';
import { ldapLimits } from './limits.ts';
import { openLdapSocket } from './open-socket.ts';
import type { CheckedLdapSettings } from './settings.ts';

/** A search below a base. */
export interface LdapSearch {
  readonly base: string;
  /** Filled and escaped. */
  readonly filter: string;
  readonly attributes: readonly string[];
  /** Entries that are wanted at most. */
  readonly most: number;
}

/** One connection to a directory. It is never opened again: who was bound on it would be forgotten, and encryption too. */
export class LdapConnection implements AsyncDisposable {
  readonly #client: Client;
  readonly #socket: Socket;
  #received = 0;

  private constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received += bytes.length;
      if (this.#received > ldapLimits.answerBytes) socket.destroy(new Error('The directory answered with too much'));
    });
  }

  /** Opens one. @throws whatever hindered it, or the signal's reason */
  static async open(settings: CheckedLdapSettings, signal?: AbortSignal): Promise<LdapConnection> {
    const socket = await openLdapSocket(settings, signal);
    let isTaken = false;
    const client = new Client({
      // The library only speaks: what it would open by itself is not what was agreed on.
      url: `ldap://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${settings.port}`,
      timeout: ldapLimits.operationMs,
      createConnection: () => {
        if (isTaken || socket.destroyed) throw new Error('The connection to the directory was closed');
        isTaken = true;
        return socket;
      },
    });
    return new LdapConnection(client, socket);
  }

  /**
   * Shows a password (RFC 4513, 5.1.3).
   *
   * @throws ResultCodeError as the directory answers, or what happened to the connection
   */
  async bind(dn: string, password: string): Promise<void> {
    // A bind without a password succeeds for everybody (RFC 4513, 5.1.2), and one without a name is nobody's.
    if (dn === '' || password === '') throw new TypeError('A bind needs a name and a password');
    this.#received = 0;
    await this.#client.bind(dn, password);
  }

  /** Searches a whole subtree; aliases and referrals are not followed. @throws as {@link bind} does */
  async search({ base, filter, attributes, most }: LdapSearch): Promise<readonly Entry[]> {
    this.#received = 0;
    const { searchEntries } = await this.#client.search(base, {
      scope: 'sub',
      filter,
      attributes: [...attributes],
      sizeLimit: most + 1,
      timeLimit: ldapLimits.searchSeconds,
    });
    return searchEntries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.unbind().catch(() => undefined);
    this.#socket.destroy();
  }
}
