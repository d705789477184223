import { member, members } from '../../document/json.ts';
import { textOf } from '../../document/text.ts';
import { lockId, type LockEntry } from '../entries.ts';
import { linesOf } from '../lines-of.ts';
import type { PackageManifest } from '../package-json.ts';
import { developmentOnly } from '../reach.ts';
import { readYaml } from '../read-yaml.ts';
import { splitDescriptor } from './descriptor.ts';

interface Block {
  readonly key: string;
  readonly name: string;
  readonly range: string;
  readonly version: string;
  readonly value: unknown;
  /** Of the resolution, which no two blocks share. */
  readonly id: string;
}

/**
 * Makes entries of a `yarn.lock` of Yarn 2 and later. Workspaces stand among the packages, with all that they ask for; only
 * the manifest tells what of it is for development.
 *
 * @throws CatalogError MALFORMED
 */
export function entriesOfBerry(text: string, manifest: PackageManifest | undefined): LockEntry[] {
  const blocks: Block[] = [];
  const byDescriptor = new Map<string, Block>();
  for (const [key, value] of members(readYaml(text))) {
    const resolution = member(value, 'resolution');
    const split = typeof resolution === 'string' ? splitDescriptor(resolution) : undefined;
    if (key === '__metadata' || split === undefined) continue;
    const version = textOf(member(value, 'version'));
    const block = { key, ...split, version, value, id: lockId(split.name, version) };
    blocks.push(block);
    for (const descriptor of key.split(', ')) byDescriptor.set(descriptor, block);
  }
  const needsOf = ({ value }: Block, skip?: ReadonlyMap<string, unknown>): Block[] =>
    members(member(value, 'dependencies'))
      .filter(([name]) => skip?.has(name) !== true)
      .map(([name, range]) => [name, textOf(range)] as const)
      .map(([name, range]) => byDescriptor.get(`${name}@${range}`) ?? byDescriptor.get(`${name}@npm:${range}`))
      .filter((block) => block !== undefined);

  const workspaces = blocks.filter(isWorkspace);
  const packages = blocks.filter((block) => !isWorkspace(block));
  const graph = new Map<string, string[]>();
  const keyOf = ({ key }: Block): string => key;
  for (const block of packages) graph.set(block.key, needsOf(block).map(keyOf));
  const all = workspaces.flatMap((block) => needsOf(block).map(keyOf));
  const isRoot = ({ range }: Block): boolean => range === 'workspace:.';
  const production = workspaces.flatMap((block) =>
    needsOf(block, isRoot(block) ? manifest?.development : undefined).map(keyOf),
  );
  const direct = new Set(all);
  const development = developmentOnly(graph, production, all);
  const lines = linesOf(text, keyOfLine, () => false);
  return packages.map((block) => ({
    name: block.name,
    version: member(block.value, 'version'),
    direct: direct.has(block.key),
    development: development.has(block.key),
    dependsOn: needsOf(block).map(({ id }) => id),
    lines: lines.get(block.key),
  }));
}

function isWorkspace({ range }: Block): boolean {
  return range.startsWith('workspace:');
}

function keyOfLine(line: string): string | undefined {
  return /^"?([^\s"#][^"]*?)"?:\s*$/.exec(line)?.[1];
}
