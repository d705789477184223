/**
 * The load generator, a process of its own: `node load.ts '{"kind":"get",…}'` writes what it saw as JSON. It shares the machine
 * with the registry that it asks.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

/** What to do, for how long, and over how many connections. */
export interface LoadTask {
  /** `push`: images of two blobs of 1 KB; `get`: small answers; `stream`: large ones, read away. */
  readonly kind: 'push' | 'get' | 'stream';
  readonly host: string;
  readonly path: string;
  readonly authorization: string;
  readonly seconds: number;
  readonly connections: number;
  /** Ends after so many, if that is before. */
  readonly most?: number;
}

/** What was seen; times in milliseconds. */
export interface LoadResult {
  readonly count: number;
  readonly errors: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly median: number;
  readonly p99: number;
  readonly slowest: number;
}

const task = JSON.parse(process.argv[2] as string) as LoadTask;
const agent = new Agent({ keepAlive: true, maxSockets: task.connections });
const times: number[] = [];
let errors = 0;
let bytes = 0;
let begun = 0;
let left = task.most ?? Infinity;
const started = performance.now();
const until = started + task.seconds * 1000;

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
}

function ask(method: string, path: string, body?: Uint8Array, type?: string): Promise<Answer> {
  const [hostname, port] = task.host.split(':');
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: task.authorization,
      accept: 'application/vnd.oci.image.manifest.v1+json',
      'content-length': body?.length ?? 0,
      ...(type === undefined ? {} : { 'content-type': type }),
    };
    const asked = request({ agent, hostname, port, method, path, headers }, (response) => {
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location }));
      response.on('error', reject);
    });
    asked.on('error', reject).end(body);
  });
}

function digestOf(data: Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

async function pushBlob(data: Uint8Array): Promise<{ readonly digest: string; readonly size: number }> {
  const digest = digestOf(data);
  const { location = '' } = await ask('POST', `/v2/${task.path}/blobs/uploads/`);
  const place = new URL(location, `http://${task.host}`);
  place.searchParams.set('digest', digest);
  const { status } = await ask('PUT', place.pathname + place.search, data, 'application/octet-stream');
  if (status !== 201) throw new Error(`A blob was answered ${status}`);
  return { digest, size: data.length };
}

async function push(): Promise<void> {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await pushBlob(randomBytes(1024))) };
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...(await pushBlob(randomBytes(1024))) }];
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  begun += 1;
  const tag = `v${process.pid}-${begun}`;
  const { status } = await ask('PUT', `/v2/${task.path}/manifests/${tag}`, manifest, mediaType);
  if (status !== 201) throw new Error(`A manifest was answered ${status}`);
}

async function get(): Promise<void> {
  const { status } = await ask('GET', task.path);
  if (status !== 200) throw new Error(`It was answered ${status}`);
}

/** Reads an answer away with as little work as Node can do, so that the registry is what is measured. */
function stream(): Promise<void> {
  const [host, port] = task.host.split(':') as [string, string];
  return new Promise((resolve, reject) => {
    const head = `GET ${task.path} HTTP/1.1\r\nhost: ${task.host}\r\nauthorization: ${task.authorization}\r\n`;
    let isBegun = false;
    const onread = {
      buffer: Buffer.alloc(1_048_576),
      callback: (count: number, buffer: Uint8Array) => {
        if (!isBegun && !Buffer.from(buffer.subarray(0, 12)).toString().endsWith(' 200')) reject(new Error('No 200'));
        isBegun = true;
        bytes += count;
        return true;
      },
    };
    const socket = connect({ host, port: Number(port), onread }, () =>
      socket.write(`${head}connection: close\r\n\r\n`),
    );
    socket.on('error', reject).on('close', () => resolve());
  });
}

const work = { push, get, stream }[task.kind];
await Promise.all(
  Array.from({ length: task.connections }, async () => {
    while (performance.now() < until && left > 0) {
      left -= 1;
      const before = performance.now();
      try {
        await work();
        times.push(performance.now() - before);
      } catch {
        errors += 1;
      }
    }
  }),
);
const seconds = (performance.now() - started) / 1000;
agent.destroy();
times.sort((a, b) => a - b);
const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
const result: LoadResult = {
  count: times.length,
  errors,
  bytes,
  seconds,
  median: at(0.5),
  p99: at(0.99),
  slowest: at(1),
};
process.stdout.write(JSON.stringify(result));
