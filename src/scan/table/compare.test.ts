import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultTarLimits } from '../../codec/tar/limits.ts';
import { TarReader } from '../../codec/tar/reader.ts';
import {
  directory,
  file,
  hardlink,
  paxHeader,
  symlink,
  type TarEntry,
  writeTar,
} from '../../../testing/image/tar-writer.ts';
import { listEntries } from '../../../testing/image/table-layer.ts';
import { type TableDifferences, TableComparison } from './compare.ts';
import { parseTable } from './parse-table.ts';

/** Holds a tar against a table of eStargz. */
function compare(tar: readonly Buffer[], listed: readonly TarEntry[]): TableDifferences {
  const table = parseTable(Buffer.from(JSON.stringify({ version: 1, entries: listEntries(listed) })), 'estargz');
  const comparison = new TableComparison(table);
  const reader = new TarReader((entry) => comparison.visit(entry), defaultTarLimits);
  for (const bytes of tar) reader.write(bytes);
  reader.end();
  return comparison.finish();
}

test('TableComparison lets a header for all entries to come be, which no table has', () => {
  const entries = [file('a', 'a')];
  const tar = [...paxHeader([['comment', 'x']], true), writeTar(entries)];
  assert.deepEqual(compare(tar, entries), { count: 0, examples: [] });
});

const landmark = '.prefetch.landmark';
const shown = hardlink('shown', landmark);

const landmarks: readonly (readonly [
  name: string,
  tar: readonly TarEntry[],
  listed: readonly TarEntry[],
  told?: string,
])[] = [
  ['a file that is listed', [file(landmark, 'x')], [file(landmark, 'x')]],
  ['a file that is not listed', [file(landmark, 'x')], []],
  // Whoever unpacks writes through the link; by the table a folder is there.
  [
    'a link',
    [directory('lib'), symlink(landmark, 'lib'), file(`${landmark}/x`, 'x')],
    [directory('lib'), file(`${landmark}/x`, 'x')],
    'is in the tar alone',
  ],
  ['a folder', [directory(landmark)], [], 'is in the tar alone'],
  ['a file of other content', [file(landmark, 'x'), shown], [file(landmark, 'y'), shown], 'has other content'],
  // The link may find a file of a lower layer.
  ['a file that is not there', [shown], [file(landmark, 'x'), shown], 'is in the table alone'],
];

for (const [name, tar, listed, told] of landmarks) {
  test(`TableComparison ${told === undefined ? 'lets a landmark be' : 'tells of a landmark'} that is ${name}`, () => {
    const { examples } = compare([writeTar(tar)], listed);
    if (told === undefined) assert.deepEqual(examples, []);
    else assert.ok(examples.includes(`"${landmark}" ${told}`), examples.join());
  });
}
