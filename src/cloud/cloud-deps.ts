import type { Network, NetworkOptions } from '../net/network.ts';

/** A program that knows credentials, and the environment it runs in. */
export interface CredentialProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** What finding out who this machine or user is at a cloud needs of the world. */
export interface CloudDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  /**
   * Opens the network in another way for a moment: past proxies, to a metadata service that speaks plain HTTP. What is not named
   * stays as it is in `network`.
   */
  openNetwork(changes: Pick<NetworkOptions, 'plainHttpHosts' | 'proxy'>): Network;
  /**
   * `host` or `host:port` entries that the user lets be asked without TLS, or with a certificate that nobody verifies: no token is shown
   * to them.
   */
  readonly unprovenHosts?: readonly string[];
  /** Throws as node:fs does: ENOENT means that there is none. */
  readFile(path: string): Promise<Buffer>;
  /** Runs programs that settings name; where it is absent, none is run. */
  readonly exec?: (run: CredentialProgram) => Promise<{ readonly status: number; readonly output: Buffer }>;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}
