import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Waits on loopback for a browser to come back from a login (RFC 8252, 7.3). */
export interface RedirectListener extends AsyncDisposable {
  /** `http://localhost:port/auth/callback` */
  readonly url: string;
  /** The query that the browser came back with. Rejects with the signal's reason. */
  readonly arrived: Promise<URLSearchParams>;
}

const page = (text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Seaworthy</title><p>${text}</p></html>`;

/** Longer questions are not answered. */
const maxUrlLength = 16_384;

/**
 * Opens the listener.
 *
 * @param port 0 for any; issuers that compare ports need the one that they know
 * @param path where the browser is to come back to; everything else is answered with 404
 */
export async function openRedirectListener(
  path: string,
  port: number,
  signal?: AbortSignal,
): Promise<RedirectListener> {
  const { promise, resolve, reject } = Promise.withResolvers<URLSearchParams>();
  // Whoever never asks must not end the process.
  promise.catch(() => undefined);
  const server = createServer({ maxHeaderSize: maxUrlLength * 2 }, (request, response) => {
    const url = URL.parse(request.url ?? '/', 'http://localhost');
    const wanted = request.method === 'GET' && url?.pathname === path && (request.url ?? '').length <= maxUrlLength;
    const headers = { 'content-type': 'text/html; charset=utf-8', connection: 'close', 'cache-control': 'no-store' };
    response.writeHead(wanted ? 200 : 404, headers);
    response.end(page(wanted ? 'You may close this page and go back to the terminal.' : 'There is nothing here.'));
    if (wanted) resolve(url.searchParams);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const onAbort = (): void => reject(signal?.reason as Error);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}${path}`,
    arrived: promise,
    async [Symbol.asyncDispose]() {
      signal?.removeEventListener('abort', onAbort);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
