import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a registry on which connections break. */
export interface CuttingProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** How often a connection was broken. */
  readonly cuts: number;
}

/**
 * Passes connections on, and breaks those that carry more than so many bytes in one direction, until it has done so as often as is
 * wished.
 *
 * @param to `host:port`
 */
export async function startCuttingProxy(
  to: string,
  limits: { readonly up?: number; readonly down?: number; readonly times: number },
): Promise<CuttingProxy> {
  const { up = Infinity, down = Infinity, times } = limits;
  const colon = to.lastIndexOf(':');
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((near) => {
    const far = connect({ host: to.slice(0, colon), port: Number(to.slice(colon + 1)) });
    const both = [near, far];
    for (const socket of both) {
      open.add(socket);
      socket.on('close', () => {
        open.delete(socket);
        for (const other of both) other.end();
      });
      // A broken connection is what this is for.
      socket.on('error', () => undefined);
    }
    pass(near, far, up);
    pass(far, near, down);
  });
  function pass(from: Socket, into: Socket, most: number): void {
    let passed = 0;
    from.on('data', (chunk) => {
      passed += chunk.length;
      if (passed > most && cuts < times) {
        cuts += 1;
        // The sender is told; the other side sees an end that comes too early.
        from.resetAndDestroy();
        into.end();
        return;
      }
      if (!into.write(chunk)) {
        from.pause();
        into.once('drain', () => from.resume());
      }
    });
    from.on('end', () => into.end());
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
