/**
 * An upstream on loopback, a process of its own: `node slow-upstream.ts '{"layers":10,"layerBytes":…,"delay":50}'` writes where it
 * listens. Each answer waits for the delay, as one from far away does. `GET /counts` tells how often each object was asked for.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const { layers, layerBytes, delay } = JSON.parse(process.argv[2] as string) as {
  readonly layers: number;
  readonly layerBytes: number;
  readonly delay: number;
};

const mark = 16;
// Layers differ in their first bytes alone, so that they need the memory of one.
const rest = randomBytes(layerBytes - mark);
const blobs = new Map<string, readonly Buffer[]>();

function put(...parts: readonly Buffer[]): { readonly digest: string; readonly size: number } {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  const digest = `sha256:${hash.digest('hex')}`;
  blobs.set(digest, parts);
  return { digest, size: parts.reduce((sum, { length }) => sum + length, 0) };
}

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...put(Buffer.from('{"os":"linux"}')) };
const layer = 'application/vnd.oci.image.layer.v1.tar';
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config,
    layers: Array.from({ length: layers }, () => ({ mediaType: layer, ...put(randomBytes(mark), rest) })),
  }),
);
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;

const counts = new Map<string, number>();
const server = createServer((request, response) => {
  const { url = '', method = '' } = request;
  if (url === '/counts') {
    response.end(JSON.stringify(Object.fromEntries(counts)));
    return;
  }
  // Caches look here for a challenge, and find none.
  if (url === '/v2/') {
    response.writeHead(200).end('{}');
    return;
  }
  const name = `${method} ${url.slice(url.lastIndexOf('/') + 1)}`;
  counts.set(name, (counts.get(name) ?? 0) + 1);
  setTimeout(() => {
    const parts = url.includes('/manifests/') ? [manifest] : blobs.get(url.slice(url.lastIndexOf('/') + 1));
    if (parts === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-length': parts.reduce((sum, { length }) => sum + length, 0),
      ...(parts[0] === manifest ? { 'content-type': mediaType, 'docker-content-digest': digest } : {}),
    });
    if (method !== 'HEAD') for (const part of parts) response.write(part);
    response.end();
  }, delay);
});
// Connections of clients that share one processor are idle for longer than servers wait by default, and those are not the ones that are measured.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
