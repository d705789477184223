import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage, type BuiltImage } from '../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { apkDatabase, osRelease } from '../../testing/package-files.ts';
import { startServing } from '../../testing/registry/serve-process.ts';

/** An upstream with one image, whose last layer never comes whole, so that its scan goes on for as long as somebody reads it. */
async function startStallingUpstream({ descriptor, blobs }: BuiltImage, stalls: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const name = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    const digest = name === 'v1' ? descriptor.digest : name;
    const bytes = blobs.get(digest as typeof descriptor.digest);
    if (bytes === undefined) {
      response.writeHead(path === '/v2/' ? 200 : 404).end();
      return;
    }
    const type = digest === descriptor.digest ? descriptor.mediaType : 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length, 'docker-content-digest': digest });
    if (request.method === 'HEAD') response.end();
    else if (digest === stalls) response.write(bytes.subarray(0, bytes.length / 2));
    else response.end(bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Processes that a process started. */
function childrenOf(parent: number): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((pid) => {
    try {
      return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] === String(parent);
    } catch {
      return false;
    }
  });
}

/** Files that were being written. */
function temporaryIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tmp'));
}

async function until(what: string, check: () => boolean): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    if (check()) return;
    await sleep(50);
  }
  assert.fail(what);
}

test(
  'a registry that is killed in the middle of a scan leaves no worker behind, and no file after the next start',
  { skip: process.platform === 'linux' ? false : 'processes are looked for in /proc' },
  async () => {
    using folder = temporaryDirectory();
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * at * 7919) >> 5));
    const image = buildImage({
      layers: [
        { tar: [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2' })] },
        { tar: [{ name: 'noise', body: noise }], compression: 'none' },
      ],
    });
    const upstream = await startStallingUpstream(image, image.layers.at(-1)?.digest ?? '');
    try {
      const { port } = upstream.address() as AddressInfo;
      const settings = [
        'scanning: {enabled: true, attach: false, cache: 100MiB}',
        'upstreams:',
        '  registries:',
        `    - {host: "127.0.0.1:${port}", name: example.org, url: "http://127.0.0.1:${port}", allowPrivate: true}`,
        'accept: [plain-http]',
      ];
      const cache = join(folder.path, 'data', 'scan-cache');
      await using registry = await startServing({ folder: folder.path, settings });
      const answer = await registry.ask('GET', '/v2/example.org/app/manifests/v1');
      assert.equal(answer?.status, 200, registry.log());
      await until('No worker was started', () => childrenOf(registry.pid).length > 0);
      // It has kept what it knows of the first layer, and waits for the second one.
      await until('The first layer was not read', () => existsSync(join(cache, 'layers')));
      const workers = childrenOf(registry.pid);
      assert.ok(workers.length > 0);
      await registry.kill();
      await until('A worker is left', () => workers.every((pid) => !existsSync(`/proc/${pid}`)));
      // As a worker leaves it that was killed while it wrote.
      mkdirSync(join(cache, 'layers', 'aa'), { recursive: true });
      writeFileSync(join(cache, 'layers', 'aa', 'aa01.0123456789ab.tmp'), 'half');
      await using again = await startServing({ folder: folder.path, settings });
      assert.deepEqual(temporaryIn(join(folder.path, 'data')), []);
      assert.equal((await again.ask('GET', '/readyz'))?.status, 200);
    } finally {
      upstream.closeAllConnections();
      upstream.close();
    }
  },
);
