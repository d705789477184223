import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import { failure } from './status.ts';

/** What happened to one object. */
export interface StoredEvent {
  readonly version: number;
  /** Of `typeKey()`. */
  readonly type: string;
  readonly key: string;
  /** As it is; as it was at last, with the version of its end, where it was removed. */
  readonly object: KubernetesObject;
  readonly removed: boolean;
  readonly previous: KubernetesObject | undefined;
}

/** `namespace/name`, or `/name`. */
export function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** Objects with all that happened to them since the last compaction, under one count of versions, as etcd keeps them. */
export class ObjectStore {
  #version = 100;
  #compacted = 0;
  readonly #current = new Map<string, Map<string, KubernetesObject>>();
  readonly #events: StoredEvent[] = [];
  readonly #listeners = new Set<(event: StoredEvent) => void>();

  /** Of the last change. */
  get version(): number {
    return this.#version;
  }

  get(type: string, key: string): KubernetesObject | undefined {
    return this.#current.get(type)?.get(key);
  }

  /** Writes an object, and tells it with its version. */
  put(type: string, key: string, object: KubernetesObject): KubernetesObject {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const stored = freeze({ ...structuredClone(object), metadata: structuredClone(metadata) });
    this.#tell({ version: this.#version, type, key, object: stored, removed: false, previous: this.get(type, key) });
    return stored;
  }

  remove(type: string, key: string): KubernetesObject | undefined {
    const previous = this.get(type, key);
    if (previous === undefined) return undefined;
    this.#version += 1;
    const metadata = { ...previous.metadata, resourceVersion: String(this.#version) };
    const last = freeze({ ...structuredClone(previous), metadata });
    this.#tell({ version: this.#version, type, key, object: last, removed: true, previous });
    return last;
  }

  /** All objects of a type as they were at a version, by key. @throws ApiFailure where that is forgotten */
  list(type: string, version: number = this.#version): [string, KubernetesObject][] {
    if (version < this.#compacted) throw failure.expired();
    const found = new Map(this.#current.get(type));
    for (const event of [...this.#events].reverse()) {
      if (event.version <= version) break;
      if (event.type !== type) continue;
      if (event.previous === undefined) found.delete(event.key);
      else found.set(event.key, event.previous);
    }
    return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** What happened to objects of a type after a version. @throws ApiFailure where that is forgotten */
  since(type: string, version: number): StoredEvent[] {
    if (version < this.#compacted) {
      throw failure.expired(`too old resource version: ${version} (${this.#compacted})`);
    }
    return this.#events.filter((event) => event.type === type && event.version > version);
  }

  /** Calls back for each event from now on, until what it returns is called. */
  listen(listener: (event: StoredEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Forgets all that happened. Objects stay. */
  compact(): void {
    // A version nobody has yet, so that even a watch from the last one is too late.
    this.#version += 1;
    this.#compacted = this.#version;
    this.#events.length = 0;
  }

  #tell(event: StoredEvent): void {
    let objects = this.#current.get(event.type);
    if (objects === undefined) this.#current.set(event.type, (objects = new Map<string, KubernetesObject>()));
    if (event.removed) objects.delete(event.key);
    else objects.set(event.key, event.object);
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
