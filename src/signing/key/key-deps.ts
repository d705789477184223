import type { Network, NetworkOptions } from '../../net/network.ts';
import type { RunProgram } from './run-program.ts';

/** What keys need of the world. */
export interface KeyDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  /**
   * Opens the network in another way for a moment: for a cluster with an authority and client certificate of its own, or a
   * metadata service that speaks plain HTTP. What is not named stays as it is in `network`.
   */
  openNetwork(changes: Pick<NetworkOptions, 'tls' | 'plainHttpHosts' | 'proxy'>): Network;
  /** Throws as node:fs does: ENOENT means that there is none. */
  readFile(path: string): Promise<Buffer>;
  /** The password of an encrypted private key; may be empty. The buffer is overwritten after use. */
  password(): Promise<Buffer>;
  /** Runs a program; that of this machine where nothing else is given. */
  readonly exec?: RunProgram;
  now(): Date;
  readonly signal?: AbortSignal | undefined;
  /** Whether `https://` may name private addresses and this machine. */
  readonly allowPrivateUrls?: boolean;
  /** Loads an optional package; `import()` where nothing else is given. */
  readonly loadPackage?: (name: string) => Promise<unknown>;
}
