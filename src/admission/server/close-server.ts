import type { Server as PlainServer } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import type { Clock } from '../../net/clock.ts';
import type { ServerConnections } from './connections.ts';

/** What is closed, and how long that may take in milliseconds. */
export interface CloseOptions {
  readonly server: Http2SecureServer;
  /** Undefined where it does not listen. */
  readonly plain: PlainServer | undefined;
  readonly connections: ServerConnections;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly drainTime: number;
  readonly closeTime: number;
  /** Says from now on that it is not ready. */
  readonly begin: () => void;
}

/**
 * Closes a server in steps, so that no review is lost. API servers learn of a replica that ends only after a while, and until then a
 * connection that is refused is a call that failed; so connections are still taken while clients are told to go elsewhere.
 */
export async function closeServer(options: CloseOptions): Promise<void> {
  const { server, plain, connections, clock, drainTime, closeTime, begin } = options;
  begin();
  connections.dismiss();
  await clock.sleep(drainTime);
  const closed = Promise.all([closing(server), plain === undefined ? undefined : closing(plain)]);
  connections.endIdle();
  plain?.closeIdleConnections();
  const enough = new AbortController();
  const late = clock.sleep(closeTime, enough.signal).then(
    () => {
      connections.endAll();
      plain?.closeAllConnections();
    },
    () => undefined,
  );
  await closed;
  enough.abort();
  await late;
}

function closing(server: Http2SecureServer | PlainServer): Promise<void> {
  return new Promise((resolve) => {
    // The only error is that it does not listen, and then it is closed.
    server.close(() => resolve());
  });
}
