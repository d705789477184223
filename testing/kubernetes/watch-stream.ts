import type { ServerResponse } from 'node:http';
import { apiVersionOf, type KubernetesObject } from '../../src/kubernetes/model.ts';
import type { Clock } from '../../src/net/clock.ts';
import type { WatchFault } from './faults.ts';
import type { ObjectStore, StoredEvent } from './object-store.ts';
import type { ParsedCall } from './parse-call.ts';
import { type FakeType, typeKey } from './resource-types.ts';
import type { Selects } from './selectors.ts';
import { ApiFailure } from './status.ts';

/** One watch that a client has. */
export interface OpenWatch {
  readonly call: ParsedCall;
  /** Tells that nothing happened up to now. */
  bookmark(): void;
  /** Ends it in order. */
  end(): void;
  /** Breaks it off. */
  drop(): void;
}

/** What a watch is made of. */
export interface WatchParts {
  readonly store: ObjectStore;
  readonly type: FakeType;
  readonly call: ParsedCall;
  readonly selects: Selects;
  /** Metadata alone is told of objects. */
  readonly isPartial: boolean;
  readonly fault: WatchFault | undefined;
  readonly response: ServerResponse;
  readonly clock: Clock;
}

/** Begins to tell a client what happens; it goes on by itself. */
export function openWatchStream(parts: WatchParts, onEnd: (watch: OpenWatch) => void): OpenWatch {
  const { store, type, call, selects, isPartial, fault, response, clock } = parts;
  const isWanted = (key: string, object: KubernetesObject): boolean =>
    (call.namespace === '' || key.startsWith(`${call.namespace}/`)) && selects(object);
  let told = 0;
  let silent = false;
  const ended = new AbortController();

  function write(line: string): void {
    if (!silent && !response.writableEnded) response.write(line);
  }
  /** The fault happens in the place of what would be told next. */
  function misbehave(next: string): boolean {
    if (fault === undefined || told !== fault.after || silent) return false;
    switch (fault.kind) {
      case 'cut-watch':
        if (fault.within === true) response.write(next.slice(0, next.length >> 1));
        // What was written is to arrive.
        silent = true;
        setImmediate(() => response.destroy());
        return true;
      case 'end-watch':
        watch.end();
        return true;
      case 'stall-watch':
        silent = true;
        return true;
      case 'watch-error':
        write(line('ERROR', new ApiFailure(fault.status, fault.reason, 'injected').document));
        watch.end();
        return true;
      case 'watch-line':
        write(`${fault.line}\n`);
        watch.end();
        return true;
      default:
        return false;
    }
  }
  function tell(kind: string, object: { readonly metadata: object }): void {
    const text = line(kind, isPartial ? partialOf(object) : object);
    if (misbehave(text)) return;
    told += 1;
    write(text);
  }
  function pass({ key, object, removed, previous }: StoredEvent): void {
    const wasWanted = previous !== undefined && isWanted(key, previous);
    const isNow = !removed && isWanted(key, object);
    if (isNow) tell(wasWanted ? 'MODIFIED' : 'ADDED', object);
    else if (wasWanted)
      tell(
        'DELETED',
        removed
          ? object
          : { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion } },
      );
  }

  const key = typeKey(type);
  const watch: OpenWatch = {
    call,
    bookmark() {
      if (call.query['allowWatchBookmarks'] !== 'true') return;
      const metadata = { resourceVersion: String(store.version), creationTimestamp: null };
      // Servers tell it whatever else goes wrong with the events.
      write(line('BOOKMARK', { kind: type.kind, apiVersion: apiVersionOf(type), metadata }));
    },
    end: () => response.end(),
    drop: () => response.destroy(),
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const { resourceVersion = '', timeoutSeconds } = call.query;
  const stop = store.listen((event) => {
    if (event.type === key) pass(event);
  });
  response.on('close', () => {
    stop();
    ended.abort();
    onEnd(watch);
  });
  try {
    if (resourceVersion === '' || resourceVersion === '0') {
      for (const [at, object] of store.list(key)) if (isWanted(at, object)) tell('ADDED', object);
    } else {
      for (const event of store.since(key, Number(resourceVersion))) pass(event);
    }
    // Those that happen to none of the events happen at once.
    if (fault !== undefined && fault.after === told) misbehave(line('ADDED', { fault: fault.kind }));
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    write(line('ERROR', error.document));
    response.end();
  }
  if (timeoutSeconds !== undefined) {
    clock.sleep(Number(timeoutSeconds) * 1000, ended.signal).then(
      () => watch.end(),
      () => undefined,
    );
  }
  return watch;
}

/** API concepts, "PartialObjectMetadata". */
export function partialOf({ metadata }: { readonly metadata: object }): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function line(kind: string, object: unknown): string {
  return `${JSON.stringify({ type: kind, object })}\n`;
}
