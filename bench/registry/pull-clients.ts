/**
 * Many clients that pull one image at the same time, a process of its own: `node pull-clients.ts '{"url":…,"repository":…,"clients":256}'`
 * writes what they saw as JSON. Each fetches three layers at a time, as nodes do, and reads them away.
 */
import { Agent, get } from 'node:http';

/** What was seen; times in milliseconds. */
export interface PullResult {
  readonly firstByteMedian: number;
  readonly firstByteSlowest: number;
  readonly wall: number;
  readonly bytes: number;
  readonly errors: number;
}

const { url, repository, clients } = JSON.parse(process.argv[2] as string) as {
  readonly url: string;
  readonly repository: string;
  readonly clients: number;
};
const width = 3;
const accept = 'application/vnd.oci.image.manifest.v1+json, */*';
const firstBytes: number[] = [];
let bytes = 0;
let errors = 0;

function fetchPath(
  agent: Agent,
  path: string,
  keep: boolean,
): Promise<{ readonly body: Buffer; readonly first: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    get(`${url}/v2/${repository}/${path}`, { agent, headers: { accept } }, (response) => {
      const chunks: Buffer[] = [];
      let [first, length] = [0, 0];
      response.on('data', (chunk: Buffer) => {
        if (first === 0) first = performance.now() - started;
        length += chunk.length;
        bytes += chunk.length;
        if (keep) chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const isWhole = response.statusCode === 200 && length === Number(response.headers['content-length']);
        if (isWhole) resolve({ body: Buffer.concat(chunks), first });
        else reject(new Error(`It was answered ${response.statusCode}`));
      });
    }).on('error', reject);
  });
}

async function pull(): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: width });
  try {
    const { body, first } = await fetchPath(agent, 'manifests/v1', true);
    firstBytes.push(first);
    const { config, layers } = JSON.parse(body.toString()) as {
      readonly config: { readonly digest: string };
      readonly layers: readonly { readonly digest: string }[];
    };
    // The agent lets three go at a time.
    await Promise.all([config, ...layers].map(({ digest }) => fetchPath(agent, `blobs/${digest}`, false)));
  } catch (error) {
    errors += 1;
    process.stderr.write(`A client did not get the image: ${String(error)}\n`);
  } finally {
    agent.destroy();
  }
}

const started = performance.now();
await Promise.all(Array.from({ length: clients }, pull));
const wall = performance.now() - started;
firstBytes.sort((a, b) => a - b);
const result: PullResult = {
  firstByteMedian: firstBytes[Math.floor(firstBytes.length / 2)] ?? Number.NaN,
  firstByteSlowest: firstBytes.at(-1) ?? Number.NaN,
  wall,
  bytes,
  errors,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
