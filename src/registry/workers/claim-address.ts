import { createServer, type AddressInfo } from 'node:net';
import type { ListenAddress } from '../../net/listen-address.ts';
import { listenAt } from '../../net/listen.ts';

/**
 * Makes sure that an address is free, and gives it with its port. Processes that share one by `SO_REUSEPORT` would share it with any
 * other of the same user too: a second registry, started by mistake, would get half of the requests.
 *
 * @throws ListenError, see listenAt()
 */
export async function claimAddress(listen: ListenAddress): Promise<ListenAddress> {
  const server = createServer();
  await listenAt(
    listen,
    () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen({ ...listen, exclusive: true }, resolve);
      }),
  );
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { ...listen, port };
}
