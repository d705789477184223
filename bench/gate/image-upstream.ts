/**
 * An upstream on loopback with an image that looks like a real one, a process of its own:
 * `node image-upstream.ts '{"layers":10,"layerBytes":45000000,"rate":0}'` makes it, about so many stored bytes for each layer, and writes
 * where it listens. `rate` bounds the bytes that leave in a second; 0 for none.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type TarEntry, writeTar } from '../../testing/image/tar-writer.ts';
import { dpkgDatabase, npmPackage, osRelease } from '../../testing/package-files.ts';

const { layers, layerBytes, rate } = JSON.parse(process.argv[2] as string) as {
  readonly layers: number;
  readonly layerBytes: number;
  readonly rate: number;
};

const words = Array.from({ length: 4096 }, () => randomBytes(5).toString('base64'));
const fileBytes = 262_144;
/** Of a file's bytes, those that cannot be packed: programs, pictures, archives. */
const dense = Math.floor(fileBytes * 0.3);
/** What is left of the bytes of a layer when they are packed, about. */
const packed = 0.637;

function makeFile(at: number, name: string): TarEntry {
  let text = '';
  for (let word = at * 7919; text.length < fileBytes - dense; word = (word * 31 + 7) % 1_000_003) {
    text += `${words[word % words.length]} `;
  }
  return { name, body: Buffer.concat([Buffer.from(text), randomBytes(dense)]) };
}

function makeLayer(layer: number): Buffer {
  const files = Math.max(1, Math.round(layerBytes / packed / fileBytes));
  const entries: TarEntry[] = Array.from({ length: files }, (_, at) =>
    makeFile(at + layer * files, `usr/lib/part-${layer}/lib${at}.so.1`),
  );
  if (layer === 0) {
    const versions = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`lib-${at}`, `1.${at}.2-1`]));
    entries.push(osRelease('debian', '12'), dpkgDatabase(versions));
  } else {
    for (let at = 0; at < 60; at += 1) entries.push(npmPackage(`pkg-${layer}-${at}`, '1.0.0', `app-${layer}-${at}`));
  }
  return writeTar(entries);
}

const blobs = new Map<string, Buffer>();
function put(bytes: Buffer): { readonly digest: string; readonly size: number } {
  const digest = digestOf(bytes);
  blobs.set(digest, bytes);
  return { digest, size: bytes.length };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const mediaType = 'application/vnd.oci.image.manifest.v1+json';
const diffIds: string[] = [];
const described = Array.from({ length: layers }, (_, layer) => {
  const tar = makeLayer(layer);
  diffIds.push(digestOf(tar));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...put(gzipSync(tar, { level: 1 })) };
});
const config = put(
  Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }),
  ),
);
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: described,
  }),
);
const digest = digestOf(manifest);

const piece = 262_144;
let free = 0;

/** All answers share what may leave in a second. */
async function send(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (rate === 0) return void response.end(bytes);
  for (let at = 0; at < bytes.length; at += piece) {
    free = Math.max(free, performance.now()) + (piece / rate) * 1000;
    const wait = free - performance.now();
    if (wait > 2) await sleep(wait);
    const part = bytes.subarray(at, at + piece);
    if (!response.write(part)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end();
}

const server = createServer((request, response) => {
  const { url = '', method } = request;
  const isManifest = url.includes('/manifests/');
  const bytes = isManifest ? manifest : blobs.get(url.slice(url.lastIndexOf('/') + 1));
  if (bytes === undefined || url.includes('/referrers/') || url.includes('/manifests/sha256-')) {
    response.writeHead(404).end();
    return;
  }
  const headers = isManifest ? { 'content-type': mediaType, 'docker-content-digest': digest } : {};
  response.writeHead(200, { 'content-length': bytes.length, ...headers });
  if (method === 'HEAD') response.end();
  else void send(response, bytes);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
