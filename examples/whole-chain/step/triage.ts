import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import type { StockedRegistry } from './registry.ts';

/** What `triage` prints for programs; only what the chain looks at. */
interface Hits {
  readonly items: readonly { readonly repository: string; readonly tags: readonly string[] }[];
  readonly unknown: { readonly unscanned: number };
}

const flaw = 'CVE-2021-44906';

/** Milliseconds for the registry to have read what was pushed to it. */
const scannedWithin = 60_000;

/** Asks which of the stored images have a flaw. */
export async function showTriage(stage: Stage, { registry }: StockedRegistry): Promise<void> {
  stage.title('Ask which of all these images have a flaw, without reading one');
  const args = ['triage', flaw, '--registry', registry.host];
  await untilScanned(stage, args);
  const { stdout } = await stage.type(args, { status: 1, meaning: 'some are hit', characters: 2000 });
  const { items } = JSON.parse(stdout) as Hits;
  for (const { repository, tags } of items) stage.say(`  → ${repository}:${tags.join(', ')}`);
  const hit = items.map(({ repository }) => repository).toSorted();
  if (hit.join() !== 'hub/tools,shop/app') stage.fail('other images are hit than those with the flaw', stdout);
}

/** The registry reads what is pushed to it in the background. */
async function untilScanned(stage: Stage, args: readonly string[]): Promise<void> {
  for (const deadline = Date.now() + scannedWithin; ;) {
    const { stdout, output } = await stage.ask(args);
    if (stdout === '') stage.fail('the registry could not be asked', output);
    if ((JSON.parse(stdout) as Hits).unknown.unscanned === 0) return;
    if (Date.now() > deadline) stage.fail('the registry did not scan what was pushed to it in time', output);
    await sleep(500, undefined, { signal: stage.signal });
  }
}
