import type { WatchEvent, WatchOptions } from '../client.ts';
import { kubernetesLimits } from '../limits.ts';
import { acceptMetadata, metadataOf } from '../metadata-only.ts';
import type { ResourceType } from '../model.ts';
import { networkFailure } from '../network-failure.ts';
import { resourcePath } from '../resource-path.ts';
import { checkSelector } from '../selector.ts';
import type { Transport } from '../transport.ts';
import { followLimits } from './limits.ts';
import { parseEvent } from './parse-event.ts';
import { splitLines } from './split-lines.ts';

/** Timers of Node's take no more; whoever watches ends it sooner, by its own clock. */
const neverMs = 2_147_483_647;

/** See `KubernetesClient.watch` (API concepts, "Efficient detection of changes"). */
export async function openWatch(
  transport: Transport,
  type: ResourceType,
  options: WatchOptions,
): Promise<AsyncIterable<WatchEvent>> {
  const { namespace, resourceVersion, timeoutSeconds, metadataOnly = false } = options;
  const wanted = metadataOnly ? metadataOf(type) : type;
  // A watch that nobody reads any more never ends by itself.
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([options.signal, left.signal]);
  const what = `watch ${type.resource}`;
  const response = await transport.send({
    what,
    method: 'GET',
    path: resourcePath(type, { namespace }),
    query: {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion,
      labelSelector: checkSelector(options.labelSelector),
      fieldSelector: checkSelector(options.fieldSelector),
      timeoutSeconds: timeoutSeconds === undefined ? undefined : String(timeoutSeconds),
    },
    ...(metadataOnly ? { accept: acceptMetadata.watch } : {}),
    lane: 'watch',
    limits: {
      // Silence is what watches are made of.
      idleMs: neverMs,
      speedWindowMs: neverMs,
      minBytesPerSecond: 0,
      maxBodyBytes: followLimits.watchBytes,
      readAheadBytes: kubernetesLimits.errorBytes,
    },
    signal,
  });
  const most = options.maxEventBytes ?? followLimits.eventBytes;
  return read();

  async function* read(): AsyncGenerator<WatchEvent, void, undefined> {
    try {
      for await (const line of splitLines(response.body, most)) yield parseEvent(line, wanted, { what, secrets: [] });
    } catch (error) {
      throw networkFailure(error);
    } finally {
      left.abort();
    }
  }
}
