import { CatalogError } from '../../error.ts';
import type { LineRange } from '../../../package/package.ts';
import { lockId, type LockEntry } from '../entries.ts';
import { lockLimits } from '../limits.ts';
import type { PackageManifest } from '../package-json.ts';
import { developmentOnly } from '../reach.ts';
import { splitDescriptor } from './descriptor.ts';

interface Block {
  readonly descriptors: readonly string[];
  version: string | undefined;
  /** Descriptors. */
  readonly needs: string[];
  readonly lines: { start: number; end: number };
}

/**
 * Makes entries of a `yarn.lock` of Yarn 1: blocks that begin with the descriptors which they answer (yarnpkg/yarn,
 * src/lockfile/stringify.js).
 *
 * @throws CatalogError MALFORMED when there is text that is no block
 */
export function entriesOfClassic(text: string, manifest: PackageManifest | undefined): LockEntry[] {
  const blocks = blocksOf(text);
  const byDescriptor = new Map<string, string>();
  const graph = new Map<string, string[]>();
  const made: { readonly block: Block; readonly name: string; readonly id: string }[] = [];
  for (const block of blocks) {
    const name = nameOf(block.descriptors[0] ?? '');
    const id = lockId(name, block.version ?? '');
    for (const descriptor of block.descriptors) byDescriptor.set(descriptor, id);
    made.push({ block, name, id });
  }
  for (const { block, id } of made) {
    const needs = graph.get(id);
    if (needs === undefined) graph.set(id, idsOf(block.needs, byDescriptor));
    else for (const each of idsOf(block.needs, byDescriptor)) needs.push(each);
  }
  const { direct, development } = rootsOf(graph, byDescriptor, manifest);
  return made.map(({ block, name, id }) => ({
    name,
    version: block.version,
    direct: direct?.has(id),
    development: development.has(id),
    dependsOn: graph.get(id),
    lines: block.lines satisfies LineRange,
  }));
}

/** Without a manifest nothing is known; with workspaces, what each of them asks for is not. */
function rootsOf(
  graph: ReadonlyMap<string, readonly string[]>,
  byDescriptor: ReadonlyMap<string, string>,
  manifest: PackageManifest | undefined,
): { readonly direct: ReadonlySet<string> | undefined; readonly development: ReadonlySet<string> } {
  if (manifest === undefined || manifest.hasWorkspaces) return { direct: undefined, development: new Set() };
  const asked = [...manifest.production].map(([name, range]) => `${name}@${range}`);
  const production = idsOf(asked, byDescriptor);
  const extra = idsOf(
    [...manifest.development].map(([name, range]) => `${name}@${range}`),
    byDescriptor,
  );
  // A resolution may have changed what a dependency leads to; then it is not known what production needs.
  const isWhole = production.length === asked.length;
  return {
    direct: new Set([...production, ...extra]),
    development: isWhole ? developmentOnly(graph, production, extra) : new Set(),
  };
}

function idsOf(descriptors: readonly string[], byDescriptor: ReadonlyMap<string, string>): string[] {
  return descriptors.map((each) => byDescriptor.get(each)).filter((id) => id !== undefined);
}

/** `foo@npm:real@^1.0.0` is an alias. */
function nameOf(descriptor: string): string {
  const { name, range } = splitDescriptor(descriptor) ?? { name: descriptor, range: '' };
  if (!range.startsWith('npm:')) return name;
  return splitDescriptor(range.slice(4))?.name ?? name;
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let isInNeeds = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    if (line === '' || line.startsWith('#')) continue;
    const block = blocks.at(-1);
    if (!line.startsWith(' ')) {
      if (!line.endsWith(':')) throw notYarn(index + 1);
      if (blocks.length >= lockLimits.blocks) {
        throw new CatalogError(
          'LIMIT_EXCEEDED',
          `It holds more than ${lockLimits.blocks} packages; skip it by its path`,
        );
      }
      const descriptors = wordsOf(line.slice(0, -1));
      blocks.push({ descriptors, version: undefined, needs: [], lines: { start: index + 1, end: index + 1 } });
      isInNeeds = false;
    } else if (block === undefined) {
      throw notYarn(index + 1);
    } else {
      block.lines.end = index + 1;
      if (line.startsWith('    ')) {
        const [name, range] = wordsOf(line);
        if (isInNeeds && name !== undefined && range !== undefined) block.needs.push(`${name}@${range}`);
      } else {
        isInNeeds = line === '  dependencies:' || line === '  optionalDependencies:';
        const [key, value] = wordsOf(line);
        if (key === 'version') block.version ??= value;
      }
    }
  }
  return blocks;
}

function notYarn(line: number): CatalogError {
  return new CatalogError('MALFORMED', `Line ${line} is not of a yarn.lock; run yarn install again`);
}

/** Words between blanks and commas, with or without quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|[^\s,"]+/g)].map((match) => match[1] ?? match[0]);
}
