import { readFile } from 'node:fs/promises';
import { buildArguments } from '../images.ts';
import type { Server } from '../server.ts';
import type { Stage } from '../stage.ts';

/** The registry of the chain and what is in it. */
export interface StockedRegistry {
  readonly registry: Server;
  /** The mended application, by its digest. */
  readonly image: string;
  readonly digest: string;
}

/** Starts somebody else's registry and one's own, which is before it, and pushes. */
export async function showRegistry(
  stage: Stage,
  [flawed, mended]: readonly [string, string],
  tools: readonly string[],
): Promise<StockedRegistry> {
  stage.title('Push it to a registry of your own, through which all other images come');
  stage.say('A registry that stands for any of the internet, with images of somebody else:');
  const upstream = await stage.serve('upstream', [
    'registry',
    'serve',
    '--data',
    stage.path('upstream'),
    '--listen',
    '127.0.0.1:0',
  ]);
  for (const version of tools) {
    await stage.type([...buildArguments(stage, 'tools', version), '--push', `${upstream.host}/tools:${version}`]);
  }
  stage.say('\nYour own: it scans what it holds, and nothing leaves it that the policy forbids.');
  await stage.file('registry.yaml', settings(stage, upstream));
  const registry = await stage.serve('registry', ['registry', 'serve', '--config', stage.path('registry.yaml')]);
  const repository = `${registry.host}/shop/app`;
  await stage.type([...buildArguments(stage, 'app', flawed), '--push', `${repository}:${flawed}`]);
  const { stdout } = await stage.type([...buildArguments(stage, 'app', mended), '--push', `${repository}:${mended}`]);
  const image = stdout.trim();
  const digest = image.slice(image.indexOf('@') + 1);
  if (!(await builtDigests(stage, mended)).includes(digest)) stage.fail('the same files gave another digest', image);
  stage.say('  → the digest that the pipeline looked at: the same files give the same image');
  return { registry, image, digest };
}

/** What the pipeline built. */
async function builtDigests(stage: Stage, version: string): Promise<readonly string[]> {
  const index = JSON.parse(await readFile(stage.path(`image-${version}`, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[];
  };
  return index.manifests.map(({ digest }) => digest);
}

function settings(stage: Stage, upstream: Server): string {
  return `registry:
  listen: 127.0.0.1:0
  data: ${JSON.stringify(stage.path('registry'))}
  scanning: { enabled: true }
  gate:
    policies: [policies/no-critical.yaml]
    platforms: [linux/amd64, linux/arm64]
  upstreams:
    registries:
      - { host: hub.example.com, name: hub, url: '${upstream.url}', allowPrivate: true }
`;
}
