import { createHash, randomUUID } from 'node:crypto';

/** An object of the stand-in. */
export interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A multipart upload that is not over. */
export interface Multipart {
  readonly key: string;
  readonly begun: number;
  readonly parts: Map<number, StoredObject>;
}

/** Parts other than the last may not be smaller. */
const minPartBytes = 5 * 1024 * 1024;

/** What a bucket holds, and the rules of multipart uploads. Methods give the code of an error as a string. */
export class Bucket {
  readonly objects: Map<string, StoredObject> = new Map<string, StoredObject>();
  readonly multiparts: Map<string, Multipart> = new Map<string, Multipart>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  put(key: string, bytes: Buffer): StoredObject {
    const object = this.#make(bytes);
    this.objects.set(key, object);
    return object;
  }

  begin(key: string): string {
    const id = randomUUID();
    this.multiparts.set(id, { key, begun: this.#now(), parts: new Map() });
    return id;
  }

  putPart(id: string, key: string, number: number, bytes: Buffer): StoredObject | string {
    const upload = this.#find(id, key);
    if (upload === undefined) return 'NoSuchUpload';
    if (!(number >= 1 && number <= 10_000)) return 'InvalidArgument';
    const part = this.#make(bytes);
    upload.parts.set(number, part);
    return part;
  }

  complete(id: string, key: string, list: readonly { number: number; etag: string }[]): StoredObject | string {
    const upload = this.#find(id, key);
    if (upload === undefined) return 'NoSuchUpload';
    if (list.length === 0) return 'MalformedXML';
    if (list.some(({ number }, at) => at > 0 && number <= (list[at - 1]?.number ?? 0))) return 'InvalidPartOrder';
    const parts = list.map(({ number, etag }) => {
      const part = upload.parts.get(number);
      return part?.etag === etag ? part.bytes : undefined;
    });
    if (parts.includes(undefined)) return 'InvalidPart';
    const bodies = parts as Buffer[];
    const early = bodies.slice(0, -1);
    if (early.some((body) => body.length < minPartBytes)) return 'EntityTooSmall';
    // A rule of Cloudflare R2 that the others do not have.
    if (early.some((body) => body.length !== early[0]?.length)) return 'InvalidPart';
    this.multiparts.delete(id);
    return this.put(key, Buffer.concat(bodies));
  }

  abort(id: string, key: string): string | undefined {
    if (this.#find(id, key) === undefined) return 'NoSuchUpload';
    this.multiparts.delete(id);
    return undefined;
  }

  #find(id: string, key: string): Multipart | undefined {
    const upload = this.multiparts.get(id);
    return upload?.key === key ? upload : undefined;
  }

  #make(bytes: Buffer): StoredObject {
    return { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"`, modified: this.#now() };
  }
}
