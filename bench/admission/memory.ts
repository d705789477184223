import type { Line } from '../workspace.ts';
import { policyFiles } from './policies.ts';
import { type BenchFolder, type Used, startWebhook } from './program.ts';
import { send } from './send.ts';
import type { SignedImages } from './signed-images.ts';

/** Each is judged by two policies, which makes ten thousand verdicts. */
const digests = 5016;
/** MiB; what the bar says is in megabytes. */
const bar = 200_000_000 / 1_048_576;

/** What a webhook holds that has verified so many signed images, each by what its registry says of it. */
export async function memoryBench(folder: BenchFolder, images: SignedImages): Promise<Line[]> {
  const names: string[] = [];
  // A registry in a process of its own memory goes through all of a repository to find what is attached to one image.
  for (let at = 0; names.length < digests; at += 1) names.push(...(await images.make(`shop/many-${at}`, 33)));
  const pods = Array.from({ length: digests / 3 }, (_, at) => names.slice(at * 3, at * 3 + 3));
  const policies = policyFiles({ host: images.registry.host, key: images.key });
  await using webhook = await startWebhook(folder, { policies });
  const load = { ports: [webhook.port], warmUp: 0, atOnce: 16 };
  const started = webhook.used();
  await send(folder, { ...load, protocol: 'HTTP/2', pods, count: pods.length });
  const filled = webhook.used();
  const warm = { ...load, pods: pods.slice(0, 1) };
  await send(folder, { ...warm, protocol: 'HTTP/2', count: 5000, rate: 500 });
  const paced = webhook.used();
  await send(folder, { ...warm, protocol: 'HTTP/2', count: 12_000 });
  const unpaced = webhook.used();
  return [
    { label: 'memory at the start', value: told(started) },
    { label: `memory with ${digests * 2} verdicts, of ${digests} images`, ...held(filled) },
    { label: 'memory after 500/s, HTTP/2', ...held(paced) },
    { label: 'memory after as many as go, HTTP/2', ...held(unpaced) },
  ];
}

function held(used: Used): Omit<Line, 'label'> {
  return { value: told(used), bar: `≤ ${bar.toFixed(0)} MiB (200 MB)`, met: used.memory <= bar };
}

function told({ memory, most }: Used): string {
  return `${memory.toFixed(0)} MiB, ${most.toFixed(0)} at most`;
}
