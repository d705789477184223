import assert from 'node:assert/strict';
import { digestOf, someBytes } from '../store/blob-data.ts';
import type { Life } from './kill-world.ts';
import { manifestOf } from './push-content.ts';

const repository = 'app';
const other = 'team/other';

interface Image {
  readonly bytes: Buffer;
  readonly blobs: readonly Buffer[];
}

/** A client that remembers what it was told, and looks for it after a kill. */
export class KillClient {
  readonly #contentOf: (name: string) => string;
  readonly #mayWait: boolean;
  /** Images that were answered 201, by tag. */
  readonly images: Map<string, Image> = new Map();
  /** Blobs that were answered 201 since the clock was moved, by place. */
  readonly blobs: Map<string, Buffer> = new Map();
  /** Everything that was ever sent, answered or not. */
  readonly sent: Map<string, Buffer> = new Map();
  /** Uploads that were answered 202, by their address, and their bytes so far. */
  readonly uploads: Map<string, Buffer> = new Map();
  life: Pick<Life, 'ask'> | undefined;

  /**
   * @param contentOf what a session's blobs are made of: clients that give the same push the same blobs
   * @param mayWait whether the registry may say that something is being removed at this moment, or that it is busy
   */
  constructor(contentOf: (name: string) => string = (name) => name, mayWait = false) {
    this.#contentOf = contentOf;
    this.#mayWait = mayWait;
  }

  /** Pushes an image in all ways, deletes an older one, and collects garbage; until it is over, or the process is. */
  async session(name: string): Promise<void> {
    const content = this.#contentOf(name);
    const large = someBytes(150_000, `${content} large`);
    const small = someBytes(500, `${content} small`);
    const done =
      (await this.#pushInChunks(large)) &&
      (await this.#pushAtOnce(small)) &&
      (await this.#mount(large)) &&
      (await this.#pushImage(`${name}-a`, [small, large])) &&
      (await this.#pushImage(`${name}-b`, [small, large], 'x'.repeat(70_000))) &&
      (await this.#pushImage(`${name.split('-')[1] ?? ''}-moving`, [small], name)) &&
      (await this.#pushAtOnce(someBytes(400, `${content} unnamed`))) &&
      (await this.#deleteOldest());
    if (done) await this.#ask('GET', '/gc');
  }

  /** All that was promised is there, and of the rest nothing is there in part. */
  async check(): Promise<void> {
    for (const [tag, { bytes, blobs }] of this.images) {
      for (const reference of [tag, digestOf(bytes)]) {
        const answer = await this.#required('GET', `/v2/${repository}/manifests/${reference}`);
        assert.equal(answer.status, 200, `${tag} was pushed and is not there: ${String(answer.body)}`);
        assert.ok(answer.body.equals(bytes), tag);
      }
      for (const blob of blobs) await this.#checkBlob(`${repository}/blobs/${digestOf(blob)}`, blob);
    }
    for (const [place, bytes] of this.blobs) await this.#checkBlob(place, bytes);
    for (const [place, bytes] of this.sent) {
      const answer = await this.#required('GET', `/v2/${place}`);
      if (answer.status === 404) continue;
      assert.equal(answer.status, 200, `${place}: ${String(answer.body)}`);
      assert.ok(answer.body.equals(bytes), `${place} is there in part`);
    }
    this.sent.clear();
  }

  /** An upload that was answered goes on from there. */
  async finishUploads(): Promise<void> {
    for (const [address, bytes] of this.uploads) {
      const status = await this.#required('GET', address);
      // It may be over: its end may have come through without an answer.
      if (status.status === 404) continue;
      assert.equal(status.status, 204);
      assert.equal(status.headers.get('range'), `0-${bytes.length - 1}`);
      const digest = digestOf(bytes);
      const end = await this.#required('PUT', `${address}?digest=${digest}`);
      assert.ok(end.status === 201, `${end.status} ${String(end.body)}`);
      await this.#checkBlob(`${repository}/blobs/${digest}`, bytes);
    }
    this.uploads.clear();
  }

  async #pushInChunks(bytes: Buffer): Promise<boolean> {
    const begun = await this.#ask('POST', `/v2/${repository}/blobs/uploads/`);
    if (begun === undefined) return false;
    const address = begun.headers.get('location') ?? '';
    let sent = 0;
    for (const end of [90_000, 140_000]) {
      const answer = await this.#ask('PATCH', address, bytes.subarray(sent, end));
      if (answer === undefined) {
        // Whether it was kept nobody knows.
        this.uploads.delete(address);
        return false;
      }
      assert.equal(answer.status, 202);
      sent = end;
      this.uploads.set(address, bytes.subarray(0, end));
    }
    this.#send(`${repository}/blobs/${digestOf(bytes)}`, bytes);
    this.uploads.delete(address);
    const last = await this.#ask('PUT', `${address}?digest=${digestOf(bytes)}`, bytes.subarray(sent));
    return this.#keep(last, `${repository}/blobs/${digestOf(bytes)}`, bytes);
  }

  async #pushAtOnce(bytes: Buffer): Promise<boolean> {
    const place = `${repository}/blobs/${digestOf(bytes)}`;
    this.#send(place, bytes);
    const answer = await this.#ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`, bytes);
    return this.#keep(answer, place, bytes);
  }

  async #mount(bytes: Buffer): Promise<boolean> {
    const place = `${other}/blobs/${digestOf(bytes)}`;
    this.#send(place, bytes);
    const query = `mount=${digestOf(bytes)}&from=${repository}`;
    return this.#keep(await this.#ask('POST', `/v2/${other}/blobs/uploads/?${query}`), place, bytes);
  }

  async #pushImage(tag: string, blobs: readonly Buffer[], note?: string): Promise<boolean> {
    const digests = blobs.map((blob) => digestOf(blob));
    const { bytes, mediaType } = manifestOf({ blobs: digests, note: `${tag} ${note ?? ''}` });
    this.#send(`${repository}/manifests/${digestOf(bytes)}`, bytes);
    // What it named before, it may name still.
    this.images.delete(tag);
    const answer = await this.#ask('PUT', `/v2/${repository}/manifests/${tag}`, bytes, mediaType);
    if (answer === undefined) return false;
    assert.equal(answer.status, 201, String(answer.body));
    this.images.set(tag, { bytes, blobs });
    return true;
  }

  async #deleteOldest(): Promise<boolean> {
    const [oldest] = this.images;
    if (oldest === undefined || this.images.size < 8) return true;
    const [tag, { bytes }] = oldest;
    this.images.delete(tag);
    this.#send(`${repository}/manifests/${digestOf(bytes)}`, bytes);
    const answer = await this.#ask('DELETE', `/v2/${repository}/manifests/${digestOf(bytes)}`);
    assert.ok(answer === undefined || answer.status === 202);
    return answer !== undefined;
  }

  #send(place: string, bytes: Buffer): void {
    this.sent.set(place, bytes);
  }

  #keep(answer: { readonly status: number; readonly body: Buffer } | undefined, place: string, bytes: Buffer): boolean {
    if (answer === undefined) return false;
    assert.equal(answer.status, 201, `${place}: ${String(answer.body)}`);
    this.blobs.set(place, bytes);
    return true;
  }

  async #checkBlob(place: string, bytes: Buffer): Promise<void> {
    const answer = await this.#required('GET', `/v2/${place}`);
    assert.equal(answer.status, 200, `${place} was promised and is not there: ${String(answer.body)}`);
    assert.ok(answer.body.equals(bytes), place);
  }

  /** Nothing came, or that it may be asked again: then nobody knows what was done. */
  async #ask(...request: Parameters<Life['ask']>): ReturnType<Life['ask']> {
    const answer = await this.#plainly(...request);
    return this.#mayWait && (answer?.status === 429 || answer?.status === 503) ? undefined : answer;
  }

  #plainly(...request: Parameters<Life['ask']>): ReturnType<Life['ask']> {
    return (this.life as Life).ask(...request);
  }

  async #required(...request: Parameters<Life['ask']>): Promise<NonNullable<Awaited<ReturnType<Life['ask']>>>> {
    const answer = await this.#plainly(...request);
    assert.ok(answer !== undefined, 'The registry ended while it was looked at');
    return answer;
  }
}
