import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';

/** A server of this test, on loopback. */
export interface Listening extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly server: Server;
}

/** Serves HTTP, or HTTPS when `tls` is given, until it is disposed of. */
export async function listen(listener: RequestListener, tls?: ServerOptions): Promise<Listening> {
  const server = tls === undefined ? createServer(listener) : (createSecureServer(tls, listener) as Server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    host,
    port,
    url: `${tls === undefined ? 'http' : 'https'}://${host}`,
    server,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
