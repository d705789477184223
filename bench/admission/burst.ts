import type { Line } from '../workspace.ts';
import { openAsking } from './ask.ts';
import { policyFiles } from './policies.ts';
import { type BenchFolder, startWebhook } from './program.ts';
import type { SignedImages } from './signed-images.ts';
import { startSlowRegistry } from './slow-registry.ts';

const pods = 500;

/** Pods of one image that nobody asked about before, all at once. */
export async function burstBench(folder: BenchFolder, images: SignedImages): Promise<Line[]> {
  const [name = ''] = await images.make('shop/burst', 1);
  await using registry = await startSlowRegistry(images.registry.host, 20);
  const image = name.replace(images.registry.host, registry.host);
  const scene = { host: registry.host, key: images.key };
  await using webhook = await startWebhook(folder, { policies: policyFiles(scene) });
  using asking = openAsking(webhook.port, folder.authority);
  const times = await Promise.all(Array.from({ length: pods }, () => asking.ask([image])));
  const most = new Map<string, number>();
  for (const asked of registry.requests) most.set(asked, (most.get(asked) ?? 0) + 1);
  const isOnce = [...most.values()].every((count) => count === 1);
  return [
    {
      label: `burst of ${pods} Pods of one image`,
      value: `${registry.requests.length} requests, none twice: ${isOnce}; all after ${Math.max(...times).toFixed(0)} ms`,
      bar: '1 verification, ≤ 4 requests',
      met: isOnce && registry.requests.length <= 4,
    },
  ];
}
