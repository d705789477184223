import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultTarLimits } from '../../codec/tar/limits.ts';
import { TarReader } from '../../codec/tar/reader.ts';
import { file, paxHeader, writeTar } from '../../../testing/image/tar-writer.ts';
import { listEntries } from '../../../testing/image/table-layer.ts';
import { TableComparison } from './compare.ts';
import { parseTable } from './parse-table.ts';

test('TableComparison lets a header for all entries to come be, which no table has', () => {
  const entries = [file('a', 'a')];
  const table = parseTable(Buffer.from(JSON.stringify({ version: 1, entries: listEntries(entries) })), 'estargz');
  const comparison = new TableComparison(table);
  const reader = new TarReader((entry) => comparison.visit(entry), defaultTarLimits);
  for (const bytes of [...paxHeader([['comment', 'x']], true), writeTar(entries)]) reader.write(bytes);
  reader.end();
  assert.deepEqual(comparison.finish(), { count: 0, examples: [] });
});
