import type { Stage } from '../stage.ts';
import type { StockedRegistry } from './registry.ts';

/** Has the registry stop an image of the upstream at its first pull, and serve its rebuild. */
export async function showUpstream(
  stage: Stage,
  { registry }: StockedRegistry,
  [flawed, mended]: readonly [string, string],
): Promise<void> {
  stage.title("Stop somebody else's image at its first pull");
  const pull = (version: string): readonly string[] => [
    'save',
    '--dir',
    stage.path(`pulled-${version}`),
    `${registry.host}/hub/tools:${version}`,
  ];
  const { output } = await stage.type(pull(flawed), {
    status: 14,
    meaning: 'the registry fetched it, looked into it, and did not hand it out (403)',
    characters: 800,
  });
  if (!/answered 403\b[^]*CVE-/.test(output)) stage.fail('the flaw was not the reason', output);
  await stage.type(pull(mended), { meaning: 'its rebuild is served' });
}
