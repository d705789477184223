import { parentPort, type MessagePort } from 'node:worker_threads';
import { errorMessage, isSeaworthyError } from '../base/error.ts';
import { freeMemory } from '../base/free-memory.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { catalogers } from '../catalog/list.ts';
import { streamRange } from '../oci/file-range.ts';
import { verifyStream } from '../oci/verify-stream.ts';
import { analyzeLayer, readLayerEntries } from './analyze-layer.ts';
import { receiveChunks, SenderFailed } from './chunk-channel.ts';
import { countBytes } from './count-bytes.ts';
import type { LayerResult, LayerTask } from './layer-analysis.ts';
import { compareTables } from './table/compare-tables.ts';
import { findTables, tableBytes } from './table/find-tables.ts';

/** What the main thread sends. */
export interface LayerRequest {
  readonly id: number;
  readonly task: LayerTask;
  /** Where the chunks come from, when the task names no file. */
  readonly port?: MessagePort;
}

/** What a worker answers. */
export type LayerResponse =
  | { readonly id: number; readonly kind: 'result'; readonly result: LayerResult }
  | { readonly id: number; readonly kind: 'failed'; readonly failure: LayerFailure }
  /** Stored bytes that were read since the last time. */
  | { readonly id: number; readonly kind: 'progress'; readonly bytes: number };

/** An error in a form that passes between threads. */
export interface LayerFailure {
  /** Class of the error: `OciError`, `CodecError`, `RootfsError`; `SenderFailed` when the sender knows better. */
  readonly name: string;
  readonly code?: string;
  readonly message: string;
}

function describeFailure(error: unknown): LayerFailure {
  const name = error instanceof Error ? error.name : 'Error';
  return { name, message: errorMessage(error), ...(isSeaworthyError(error) ? { code: error.code } : {}) };
}

function serve(port: MessagePort): void {
  const dispatch = new Dispatch(catalogers);
  port.on('message', (request: LayerRequest) => void answer(port, request, dispatch));
}

async function answer(port: MessagePort, { id, task, port: chunks }: LayerRequest, dispatch: Dispatch): Promise<void> {
  try {
    const stored = task.range === undefined ? receiveChunks(chunks as MessagePort) : streamRange(task.range);
    const source = countBytes(stored, (bytes) => {
      port.postMessage({ id, kind: 'progress', bytes } satisfies LayerResponse);
    });
    const { result, transfer } = await perform(source, task, dispatch);
    // What is not read to its end would be waited for.
    chunks?.close();
    port.postMessage({ id, kind: 'result', result } satisfies LayerResponse, [...transfer]);
  } catch (error) {
    chunks?.close();
    const failure =
      error instanceof SenderFailed ? { name: error.name, message: error.message } : describeFailure(error);
    port.postMessage({ id, kind: 'failed', failure } satisfies LayerResponse);
  }
}

/** Does a task; says what of its result is handed over and not copied. */
async function perform(
  source: AsyncIterable<Uint8Array>,
  { expectation, range, only, find, compare }: LayerTask,
  dispatch: Dispatch,
): Promise<{ readonly result: LayerResult; readonly transfer: readonly ArrayBuffer[] }> {
  if (only !== undefined) {
    return { result: await readLayerEntries(source, expectation, dispatch, only), transfer: [] };
  }
  if (find !== undefined) {
    const { digest, size = 0 } = expectation;
    // What is damaged or cut short does not show that there is no table.
    const blob = digest === undefined ? source : verifyStream(source, { digest, size });
    const result = await findTables(blob, find, size);
    return { result, transfer: tableBytes(result) };
  }
  if (compare !== undefined) return { result: await compareTables(source, expectation, compare), transfer: [] };
  // Whoever compared the stored bytes before need not do it again; the tar is compared all the same.
  const { digest: _, ...checked } = expectation;
  const expected = range?.isChecked === true ? checked : expectation;
  // What comes from a channel or a file is nobody else's.
  const result = await analyzeLayer(source, expected, dispatch, undefined, freeMemory);
  return { result, transfer: [result.index.buffer] };
}

if (parentPort !== null) serve(parentPort);
