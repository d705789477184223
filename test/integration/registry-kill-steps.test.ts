import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapBounded } from '../../src/base/concurrency.ts';
import type { ChainVerdict } from '../../src/registry/audit/verify.ts';
import type { ScrubReport } from '../../src/registry/scrub/report.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { type Life, startLife } from '../../testing/registry/kill-world.ts';
import { manifestOf } from '../../testing/registry/push-content.ts';
import {
  type Ask,
  collect,
  need,
  pushInChunks,
  type StepOperation,
  stepOperations,
  type StepScene,
} from '../../testing/registry/step-operations.ts';
import { digestOf, someBytes } from '../../testing/store/blob-data.ts';
import { type S3Server, startS3Server } from '../../testing/store/s3-server.ts';

/** Longer than leases and uploads last. */
const day = 26 * 3_600_000;

const kept = [someBytes(200_000, 'kept'), someBytes(300, 'kept')] as const;
const image = manifestOf({ blobs: kept.map((bytes) => digestOf(bytes)) });

/** A registry, through all lives of its processes. */
class Lane implements AsyncDisposable {
  readonly #folder = temporaryDirectory();
  readonly #s3: S3Server | undefined;
  readonly #size: number;
  #life: Life | undefined;
  #ahead = 0;

  constructor(s3: S3Server | undefined, size: number) {
    this.#s3 = s3;
    this.#size = size;
  }

  /** Asks the process that lives. */
  readonly ask: Ask = (...request) => (this.#life as Life).ask(...request);

  async begin(): Promise<void> {
    await this.#start();
    for (const bytes of kept) {
      await need(this.ask('POST', `/v2/kept/blobs/uploads/?digest=${digestOf(bytes)}`, bytes), 201);
    }
    await need(this.ask('PUT', '/v2/kept/manifests/v1', image.bytes, image.mediaType), 201);
  }

  scene(repository: string): StepScene {
    return { ask: this.ask, repository, size: this.#size, uploads: new Map() };
  }

  /** Prepares an operation, and lets the process kill itself at a step of it; gives the steps that there are when it is not to. */
  async run(operation: StepOperation, scene: StepScene, step: number): Promise<string[]> {
    await operation.prepare?.(scene);
    if (operation === collect) await this.#pass(day);
    await need(this.ask('GET', `/steps?at=${step}`), 200);
    const isAnswered = await operation.run(scene);
    if (step > 0) {
      assert.ok(!isAnswered || this.#life?.killedAt() !== undefined, 'it never came to this step');
      // What comes after the last answer is a step too.
      if (isAnswered) assert.equal(await this.ask('GET', '/v2/'), undefined);
      // So long a request that was cut off keeps others from its upload.
      this.#ahead += 37_000;
      await this.#start();
      if (isAnswered) assert.ok(await operation.isDone(scene), 'what was answered is not done');
      return [];
    }
    assert.ok(isAnswered);
    const steps = await need(this.ask('GET', '/steps?at=0'), 200);
    return JSON.parse(steps.body.toString()) as string[];
  }

  /** All is there that must be, nothing is there in part, and what was interrupted can be done again. */
  async check(operation: StepOperation, scene: StepScene): Promise<void> {
    await this.checkKept();
    await this.#checkLists(scene.repository);
    await operation.isDone(scene);
    assert.ok(await operation.run(scene));
    assert.ok(await operation.isDone(scene), 'it is done in the end');
    await this.#checkLists(scene.repository);
    await this.collect();
    const scrub = JSON.parse((await need(this.ask('GET', '/scrub'), 200)).body.toString()) as ScrubReport;
    assert.deepEqual(scrub.counts, {}, JSON.stringify(scrub.findings));
    assert.deepEqual(JSON.parse((await need(this.ask('GET', '/uploads'), 200)).body.toString()), []);
    if (this.#s3 !== undefined) {
      const { objects, multiparts } = this.#s3.bucket;
      assert.deepEqual(
        [...objects.keys()].filter((key) => key.startsWith('uploads/')),
        [],
      );
      assert.equal(multiparts.size, 0);
    }
    const verdict = JSON.parse((await need(this.ask('GET', '/audit'), 200)).body.toString()) as ChainVerdict;
    assert.ok(verdict.whole && verdict.entries > 2, JSON.stringify(verdict));
    await this.checkKept();
  }

  /** What nothing names goes when a day went by. */
  async collect(): Promise<void> {
    await this.#pass(day);
    await need(this.ask('GET', '/gc'), 200);
  }

  async checkKept(): Promise<void> {
    const manifest = await need(this.ask('GET', '/v2/kept/manifests/v1'), 200);
    assert.ok(manifest.body.equals(image.bytes));
    for (const bytes of kept) {
      assert.ok((await need(this.ask('GET', `/v2/kept/blobs/${digestOf(bytes)}`), 200)).body.equals(bytes));
    }
  }

  /** What is listed is there, with all that it names. */
  async #checkLists(repository: string): Promise<void> {
    const list = await need(this.ask('GET', `/v2/${repository}/tags/list`), 200, 404);
    const { tags = [] } = JSON.parse(list.body.toString()) as { readonly tags?: readonly string[] };
    for (const tag of tags) {
      const found = await need(this.ask('GET', `/v2/${repository}/manifests/${tag}`), 200);
      assert.equal(found.headers.get('docker-content-digest'), digestOf(found.body));
      const { config } = JSON.parse(found.body.toString()) as { readonly config: { readonly digest: string } };
      await need(this.ask('GET', `/v2/${repository}/blobs/${config.digest}`), 200);
    }
  }

  async #pass(milliseconds: number): Promise<void> {
    this.#ahead += milliseconds;
    await need(this.ask('GET', `/clock?ahead=${this.#ahead}`), 200);
  }

  async #start(): Promise<void> {
    await this.#life?.kill();
    const { url: endpoint, credentials } = this.#s3 ?? {};
    const place = endpoint === undefined ? [] : [JSON.stringify({ endpoint, credentials })];
    this.#life = await startLife(this.#folder.path, 'step-child.ts', ...place);
    await need(this.ask('GET', `/clock?ahead=${this.#ahead}`), 200);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.kill();
    await this.#s3?.[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

const places: readonly (readonly [
  name: string,
  operations: readonly StepOperation[],
  size: number,
  open: () => Promise<S3Server | undefined>,
])[] = [
  ['a folder', stepOperations, 150_000, () => Promise.resolve(undefined)],
  ['S3', [pushInChunks, collect], 11_000_000, () => startS3Server()],
];

for (const [name, operations, size, open] of places) {
  test(`a registry over ${name} that is killed at each step of what it does has what it answered for, and nothing in part`, async (context) => {
    await using first = new Lane(await open(), size);
    await using second = new Lane(await open(), size);
    const lanes = [first, second];
    await Promise.all(lanes.map((lane) => lane.begin()));
    const kills: (readonly [operation: StepOperation, step: number, what: string])[] = [];
    for (const [at, operation] of operations.entries()) {
      const scene = first.scene(`whole/${at}`);
      // What others left is no part of its steps.
      await first.collect();
      const steps = await first.run(operation, scene, 0);
      assert.ok(await operation.isDone(scene));
      assert.ok(steps.length > 0, operation.name);
      steps.forEach((what, step) => kills.push([operation, step + 1, what]));
    }
    let next = 0;
    await mapBounded(lanes, lanes.length, async (lane) => {
      for (let at = next++; at < kills.length; at = next++) {
        const [operation, step, what] = kills[at] as (typeof kills)[number];
        const scene = lane.scene(`killed/${at}`);
        try {
          await lane.run(operation, scene, step);
          await lane.check(operation, scene);
        } catch (error) {
          context.diagnostic(`${operation.name}, killed at step ${step}, ${what}`);
          throw error;
        }
      }
    });
    context.diagnostic(`${kills.length} kills; ${[...new Set(kills.map(([, , what]) => what))].join(', ')}`);
  });
}
