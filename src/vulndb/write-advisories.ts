import { join } from 'node:path';
import type { ShardEntry } from './manifest.ts';
import { createShard, publishShard } from './shard-file.ts';
import type { Staging } from './staging.ts';
import { advisoryTables } from './tables.ts';

/** Writes one release's advisories, sorted throughout, so that the same facts give the same bytes. */
export async function writeAdvisoryShard(
  staging: Staging,
  { ecosystem, release }: { readonly ecosystem: string; readonly release: string },
  { folder, directory, key, feed }: { folder: string; directory: string; key: string; feed: string },
): Promise<ShardEntry> {
  const path = join(folder, `${key}.sqlite`);
  const shard = createShard(path, advisoryTables);
  const numbers = new Map<string, number>();
  const insertAdvisory = shard.prepare('INSERT INTO advisory VALUES(?, ?, ?)');
  for (const { id, detail } of staging.advisories(ecosystem, release)) {
    numbers.set(id, numbers.size + 1);
    insertAdvisory.run(numbers.size, id, detail);
  }
  const insertAffected = shard.prepare('INSERT INTO affected VALUES(?, ?, ?)');
  let packages = 0;
  let lastName: string | undefined;
  for (const { name, id, entries } of grouped(staging.affected(ecosystem, release))) {
    if (name !== lastName) packages += 1;
    lastName = name;
    insertAffected.run(name, numbers.get(id) as number, `[${[...new Set(entries)].join(',')}]`);
  }
  const { sha256, size } = await publishShard(shard, path, directory);
  return { key, kind: 'advisories', feed, ecosystem, release, sha256, size, records: numbers.size, packages };
}

interface Group {
  readonly name: string;
  readonly id: string;
  readonly entries: string[];
}

/** Brings together what one advisory says of one package: records name a package once per architecture or module. */
function* grouped(
  rows: Iterable<{ readonly name: string; readonly id: string; readonly data: string }>,
): Generator<Group, void, undefined> {
  let group: Group | undefined;
  for (const { name, id, data } of rows) {
    if (group !== undefined && group.name === name && group.id === id) {
      group.entries.push(data);
      continue;
    }
    if (group !== undefined) yield group;
    group = { name, id, entries: [data] };
  }
  if (group !== undefined) yield group;
}
