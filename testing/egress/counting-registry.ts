import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a registry on loopback answers requests for manifests and blobs. */
export type Answer = number | 'manifest' | 'lie' | 'hangup';

/** A registry on loopback that counts what it is asked. */
export interface CountingRegistry extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
  /** Paths with their queries, in the order in which they were asked for. */
  readonly asked: string[];
  answer: Answer;
  /** Refuses connections from now on. */
  close(): Promise<void>;
}

const config = '{}';
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: digestOf('layer'), size: 5 }],
});

/** Starts one. It has one image, under every name, whose bytes can never be had. */
export async function countingRegistry(answer: Answer = 404): Promise<CountingRegistry> {
  const server = createServer((request, response) => {
    const { url = '' } = request;
    registry.asked.push(url);
    if (url.startsWith('/v2/?') || url === '/v2/') response.end('{}');
    else if (registry.answer === 'hangup') request.socket.destroy();
    else if (typeof registry.answer === 'number') response.writeHead(registry.answer).end('{}');
    else if (url.includes('/manifests/')) sendManifest(response, registry.answer === 'lie');
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const registry: CountingRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer,
    close,
    [Symbol.asyncDispose]: close,
  };
  return registry;
}

function sendManifest(response: ServerResponse, isLie: boolean): void {
  const headers = {
    'content-type': 'application/vnd.oci.image.manifest.v1+json',
    'content-length': String(manifest.length),
    'docker-content-digest': digestOf(isLie ? 'another' : manifest),
  };
  response.writeHead(200, headers).end(manifest);
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
