import type { AddressInfo, Server } from 'node:net';
import { listenAt } from '../../net/listen.ts';
import type { ListenAddress } from '../../net/listen-address.ts';

/** Has a server take connections. @throws ListenError when the address cannot be had */
export async function beginListening(server: Server, address: ListenAddress): Promise<void> {
  await listenAt(address, async () => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address, () => {
        server.off('error', reject);
        resolve();
      });
    });
  });
}

/** Where a server takes connections, with the port that it got. */
export function addressOf(server: Server): ListenAddress {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}
