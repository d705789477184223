import type { Line } from '../workspace.ts';
import { policyFiles } from './policies.ts';
import { type BenchFolder, startWebhook } from './program.ts';
import { send } from './send.ts';
import type { SignedImages } from './signed-images.ts';

const reviews = 5000;
const fresh = 200;

/** Reviews of known images, among which, evenly spread, each of some is of an image that nobody asked about before. */
export async function rolloutBench(folder: BenchFolder, images: SignedImages): Promise<Line[]> {
  const known = await images.make('shop/web', 3);
  const rolled = await images.make('shop/rollout', fresh);
  const policies = policyFiles({ host: images.registry.host, key: images.key });
  await using webhook = await startWebhook(folder, { policies });
  const [first = '', second = ''] = known;
  const pods = Array.from({ length: reviews }, (_, at) => {
    const image = at % (reviews / fresh) === 0 ? rolled[at / (reviews / fresh)] : undefined;
    return image === undefined ? known : [first, second, image];
  });
  const load = { protocol: 'HTTP/2', ports: [webhook.port], warmUp: 0, atOnce: 16 } as const;
  await send(folder, { ...load, pods: [known], count: 3000 });
  const before = images.registry.requests.length;
  const seen = await send(folder, { ...load, pods, count: reviews });
  const requests = images.registry.requests.length - before;
  return [
    {
      label: `${fresh} new images among ${reviews} reviews`,
      value: `${(reviews / seen.seconds).toFixed(0)}/s, 99 of 100 in ${seen.p99.toFixed(0)} ms, ${requests} requests`,
      bar: `≤ ${fresh * 4} requests and those for names`,
      met: requests <= fresh * 4 + known.length,
    },
  ];
}
