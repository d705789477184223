import { parentPort, type MessagePort } from 'node:worker_threads';
import { errorMessage, isSeaworthyError } from '../base/error.ts';
import { freeMemory } from '../base/free-memory.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import { catalogers } from '../catalog/list.ts';
import { streamRange } from '../oci/file-range.ts';
import { analyzeLayer, readLayerEntries } from './analyze-layer.ts';
import { receiveChunks, SenderFailed } from './chunk-channel.ts';
import { countBytes } from './count-bytes.ts';
import type { LayerAnalysis, LayerTask } from './layer-analysis.ts';

/** What the main thread sends. */
export interface LayerRequest {
  readonly id: number;
  readonly task: LayerTask;
  /** Where the chunks come from, when the task names no file. */
  readonly port?: MessagePort;
}

/** What a worker answers. */
export type LayerResponse =
  | { readonly id: number; readonly kind: 'analysis'; readonly analysis: LayerAnalysis }
  | { readonly id: number; readonly kind: 'readings'; readonly readings: readonly FileReading[] }
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
    if (task.only === undefined) {
      // What comes from a channel or a file is nobody else's.
      const analysis = await analyzeLayer(source, task.expectation, dispatch, undefined, freeMemory);
      port.postMessage({ id, kind: 'analysis', analysis } satisfies LayerResponse, [analysis.index.buffer]);
    } else {
      const readings = await readLayerEntries(source, task.expectation, dispatch, task.only);
      port.postMessage({ id, kind: 'readings', readings } satisfies LayerResponse);
    }
  } catch (error) {
    chunks?.close();
    const failure =
      error instanceof SenderFailed ? { name: error.name, message: error.message } : describeFailure(error);
    port.postMessage({ id, kind: 'failed', failure } satisfies LayerResponse);
  }
}

if (parentPort !== null) serve(parentPort);
