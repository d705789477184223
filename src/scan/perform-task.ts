import type { Dispatch } from '../catalog/dispatch.ts';
import { verifyStream } from '../oci/verify-stream.ts';
import { analyzeLayer, readLayerEntries } from './analyze-layer.ts';
import type { LayerResult, LayerTask } from './layer-analysis.ts';
import { compareTables } from './table/compare-tables.ts';
import { findTables } from './table/find-tables.ts';

/**
 * Does the work of one layer.
 *
 * @param source the layer's stored bytes
 * @param taken is told of each chunk of a whole analysis that is not read any more
 * @throws as analyzeLayer() does
 */
export async function performTask(
  source: AsyncIterable<Uint8Array>,
  { expectation, range, only, find, compare }: LayerTask,
  dispatch: Dispatch,
  taken?: (chunk: Uint8Array) => void,
): Promise<LayerResult> {
  if (only !== undefined) return await readLayerEntries(source, expectation, dispatch, only);
  if (find !== undefined) {
    const { digest, size = 0 } = expectation;
    // What is damaged or cut short does not show that there is no table.
    const blob = digest === undefined ? source : verifyStream(source, { digest, size });
    return await findTables(blob, find, size);
  }
  if (compare !== undefined) return await compareTables(source, expectation, compare);
  // Whoever compared the stored bytes before need not do it again; the tar is compared all the same.
  const { digest: _, ...checked } = expectation;
  const expected = range?.isChecked === true ? checked : expectation;
  return await analyzeLayer(source, expected, dispatch, undefined, taken);
}
