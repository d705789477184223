import type { Problem } from '../../base/problem.ts';
import { CodecError } from '../../codec/error.ts';
import { defaultTarLimits } from '../../codec/tar/limits.ts';
import { type BodySink, type TarEntry, TarReader } from '../../codec/tar/reader.ts';
import { readChecked } from '../analyze-layer.ts';
import type { LayerExpectation } from '../layer-analysis.ts';
import { TableComparison } from './compare.ts';
import type { ReadableTable } from './find-tables.ts';
import { parseTable } from './parse-table.ts';
import { tableDiffers, tableUnreadable } from './problems.ts';
import type { TableFormat } from './promise.ts';

/**
 * Reads a layer once more and holds its tar against the tables of contents that were found.
 *
 * @returns what is wrong; nothing where all say the same
 * @throws as `analyzeLayer` does
 */
export async function compareTables(
  source: AsyncIterable<Uint8Array>,
  expectation: LayerExpectation,
  tables: readonly ReadableTable[],
): Promise<Problem[]> {
  const subject = expectation.digest ?? expectation.diffId;
  const problems: Problem[] = [];
  const comparisons: { readonly format: TableFormat; readonly comparison: TableComparison }[] = [];
  for (const table of tables) {
    const { format } = table;
    const comparison = openComparison(table);
    if (typeof comparison === 'string') problems.push(tableUnreadable(subject, format, comparison));
    else comparisons.push({ format, comparison });
  }
  if (comparisons.length === 0) return problems;
  const visit = (entry: TarEntry): BodySink | undefined =>
    joinSinks(comparisons.map(({ comparison }) => comparison.visit(entry)).filter((sink) => sink !== undefined));
  await readChecked(source, expectation, new TarReader(visit, defaultTarLimits));
  for (const { format, comparison } of comparisons) {
    const differences = comparison.finish();
    if (differences.count > 0) problems.push(tableDiffers(subject, format, differences));
  }
  return problems;
}

/** @returns why not, where the table cannot be read */
function openComparison({ format, json }: ReadableTable): TableComparison | string {
  try {
    return new TableComparison(parseTable(Buffer.from(json.buffer, json.byteOffset, json.byteLength), format));
  } catch (error) {
    if (error instanceof CodecError) return error.message;
    throw error;
  }
}

function joinSinks(sinks: readonly BodySink[]): BodySink | undefined {
  if (sinks.length < 2) return sinks[0];
  return {
    data: (chunk) => {
      for (const sink of sinks) sink.data(chunk);
      return true;
    },
    end: () => {
      for (const sink of sinks) sink.end();
    },
  };
}
