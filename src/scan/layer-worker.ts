import { parentPort, type MessagePort } from 'node:worker_threads';
import { errorMessage, isSeaworthyError } from '../base/error.ts';
import { freeMemory } from '../base/free-memory.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { catalogers } from '../catalog/list.ts';
import { streamRange } from '../oci/file-range.ts';
import { receiveChunks, SenderFailed } from './chunk-channel.ts';
import { countBytes } from './count-bytes.ts';
import type { LayerAnalysis, LayerResult, LayerTask } from './layer-analysis.ts';
import { performTask } from './perform-task.ts';
import { type FoundTable, tableBytes } from './table/find-tables.ts';

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
    // What comes from a channel or a file is nobody else's.
    const result = await performTask(source, task, dispatch, freeMemory);
    // What is not read to its end would be waited for.
    chunks?.close();
    port.postMessage({ id, kind: 'result', result } satisfies LayerResponse, [...memoryOf(task, result)]);
  } catch (error) {
    chunks?.close();
    const failure =
      error instanceof SenderFailed ? { name: error.name, message: error.message } : describeFailure(error);
    port.postMessage({ id, kind: 'failed', failure } satisfies LayerResponse);
  }
}

/** The memory of a result that is handed over and not copied. */
function memoryOf({ only, find, compare }: LayerTask, result: LayerResult): readonly ArrayBuffer[] {
  if (find !== undefined) return tableBytes(result as readonly FoundTable[]);
  return only === undefined && compare === undefined ? [(result as LayerAnalysis).index.buffer] : [];
}

if (parentPort !== null) serve(parentPort);
