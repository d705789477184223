import assert from 'node:assert/strict';
import type { Digest } from '../../src/oci/digest.ts';
import { digestOf, someBytes } from '../store/blob-data.ts';
import type { KillAnswer, Life } from './kill-world.ts';
import { manifestOf } from './push-content.ts';

/** Asks a process, and gets nothing when it ended before it answered. */
export type Ask = Life['ask'];

/** A scene of one kill: a repository of its own, and contents that no other has. */
export interface StepScene {
  readonly ask: Ask;
  readonly repository: string;
  /** Bytes of the large blobs of this test. */
  readonly size: number;
  /** What a client remembers: addresses of uploads, and what they were answered to have; all of it once it sent their end. */
  readonly uploads: Map<string, number>;
}

/** Something that is done to a registry, and may be cut off at any of its steps. */
export interface StepOperation {
  readonly name: string;
  /** Brings about what it starts from. */
  readonly prepare?: (scene: StepScene) => Promise<void>;
  /** Does it, or does it again; false when the process ended before its last answer. */
  readonly run: (scene: StepScene) => Promise<boolean>;
  /** Whether it is done. Fails when it is seen in part. */
  readonly isDone: (scene: StepScene) => Promise<boolean>;
}

/** An answer that must come. */
export async function need(
  answer: Promise<KillAnswer | undefined>,
  ...statuses: readonly number[]
): Promise<KillAnswer> {
  const got = await answer;
  assert.ok(got !== undefined, 'the process ended while it was looked at');
  if (statuses.length > 0) assert.ok(statuses.includes(got.status), `${got.status} ${got.body.toString()}`);
  return got;
}

const large = ({ repository, size }: StepScene): Buffer => someBytes(size, `large ${repository}`);
const small = ({ repository }: StepScene): Buffer => someBytes(500, `small ${repository}`);
const imageOf = (scene: StepScene, note: string): ReturnType<typeof manifestOf> =>
  manifestOf({ blobs: [digestOf(small(scene))], note: `${scene.repository} ${note}` });
const longNote = 'x'.repeat(70_000);

/** True when an answer came, which must have one of the statuses. */
async function answered(answer: Promise<KillAnswer | undefined>, ...statuses: readonly number[]): Promise<boolean> {
  const got = await answer;
  if (got !== undefined) assert.ok(statuses.includes(got.status), `${got.status} ${got.body.toString()}`);
  return got !== undefined;
}

function putBlob({ ask, repository }: StepScene, bytes: Buffer): ReturnType<Ask> {
  return ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`, bytes);
}

function putManifest(
  { ask, repository }: StepScene,
  tag: string,
  image: ReturnType<typeof manifestOf>,
): ReturnType<Ask> {
  return ask('PUT', `/v2/${repository}/manifests/${tag}`, image.bytes, image.mediaType);
}

/** True when it is there whole, false when it is not there. */
async function isThere({ ask }: StepScene, path: string, bytes: Buffer): Promise<boolean> {
  const answer = await need(ask('GET', path), 200, 404);
  if (answer.status === 200) assert.ok(answer.body.equals(bytes), `${path} is there in part`);
  return answer.status === 200;
}

const blobIsThere = (scene: StepScene, bytes: Buffer): Promise<boolean> =>
  isThere(scene, `/v2/${scene.repository}/blobs/${digestOf(bytes)}`, bytes);

async function tagged({ ask, repository }: StepScene, tag: string): Promise<string | undefined> {
  const answer = await need(ask('GET', `/v2/${repository}/manifests/${tag}`), 200, 404);
  return answer.status === 404 ? undefined : digestOf(answer.body);
}

async function prepareImage(scene: StepScene): Promise<void> {
  await need(putBlob(scene, small(scene)), 201);
}

const digestIn = (image: ReturnType<typeof manifestOf>): Digest => digestOf(image.bytes);

const pushLarge: StepOperation = {
  name: 'a blob in one request',
  run: (scene) => answered(putBlob(scene, large(scene)), 201),
  isDone: (scene) => blobIsThere(scene, large(scene)),
};

/** A client that remembers where its upload is goes on there. */
export const pushInChunks: StepOperation = {
  name: 'a blob in chunks',
  async run(scene) {
    const { ask, repository, uploads } = scene;
    const bytes = large(scene);
    const [known] = uploads;
    if (known !== undefined) return (await goOn(scene, bytes, ...known)) ?? pushInChunks.run(scene);
    const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
    if (begun === undefined) return false;
    assert.equal(begun.status, 202);
    return (await sendRest(scene, bytes, begun.headers.get('location') as string, 0)) === 201;
  },
  isDone: (scene) => blobIsThere(scene, large(scene)),
};

/** Undefined when the upload is over and has to be begun again. */
async function goOn(scene: StepScene, bytes: Buffer, place: string, answered: number): Promise<boolean | undefined> {
  const { ask, uploads } = scene;
  const wasEnding = answered === bytes.length;
  const status = await need(ask('GET', place), 204, 404);
  if (status.status === 204) {
    const end = Number(status.headers.get('range')?.slice(2));
    const offset = end === 0 ? 0 : end + 1;
    assert.ok([0, ...chunkEnds(bytes)].includes(offset), `${offset} bytes`);
    assert.ok(wasEnding || offset >= answered, `${answered} bytes were answered, and ${offset} are there`);
    const sent = await sendRest(scene, bytes, place, offset);
    if (sent !== 404) return sent === 201;
    await need(ask('GET', place), 404);
  }
  // Its bytes may have become those of the blob, of which nobody was told yet; an upload that goes on is never lost.
  assert.ok(wasEnding, 'an upload is gone');
  if (await blobIsThere(scene, bytes)) return true;
  uploads.clear();
  return undefined;
}

function chunkEnds(bytes: Buffer): readonly number[] {
  return [Math.floor(bytes.length * 0.6), Math.floor(bytes.length * 0.7)];
}

/** Gives the status of what ended it; undefined for no answer. */
async function sendRest(
  { ask, uploads }: StepScene,
  bytes: Buffer,
  place: string,
  offset: number,
): Promise<number | undefined> {
  let sent = offset;
  uploads.set(place, Math.max(sent, uploads.get(place) ?? 0));
  for (const end of chunkEnds(bytes)) {
    if (end <= sent) continue;
    const answer = await ask('PATCH', place, bytes.subarray(sent, end));
    if (answer?.status !== 202) return failedWith(answer);
    sent = end;
    uploads.set(place, Math.max(sent, uploads.get(place) ?? 0));
  }
  uploads.set(place, bytes.length);
  const answer = await ask('PUT', `${place}?digest=${digestOf(bytes)}`, bytes.subarray(sent));
  return answer?.status === 201 ? 201 : failedWith(answer);
}

function failedWith(answer: KillAnswer | undefined): 404 | undefined {
  if (answer === undefined) return undefined;
  assert.equal(answer.status, 404, answer.body.toString());
  return 404;
}

const pushSmall: StepOperation = {
  name: 'a small blob',
  run: (scene) => answered(putBlob(scene, small(scene)), 201),
  isDone: (scene) => blobIsThere(scene, small(scene)),
};

const mount: StepOperation = {
  name: 'a mount',
  prepare: async (scene) => void (await need(putBlob(scene, large(scene)), 201)),
  run(scene) {
    const { ask, repository } = scene;
    const query = `mount=${digestOf(large(scene))}&from=${repository}`;
    return answered(ask('POST', `/v2/${repository}/to/blobs/uploads/?${query}`), 201);
  },
  isDone: (scene) => isThere(scene, `/v2/${scene.repository}/to/blobs/${digestOf(large(scene))}`, large(scene)),
};

const pushManifest: StepOperation = {
  name: 'a manifest with a tag',
  prepare: prepareImage,
  run: (scene) => answered(putManifest(scene, 'v1', imageOf(scene, 'one')), 201),
  async isDone(scene) {
    const image = imageOf(scene, 'one');
    const path = `/v2/${scene.repository}/manifests/`;
    const [byTag, byDigest] = [
      await isThere(scene, `${path}v1`, image.bytes),
      await isThere(scene, `${path}${digestIn(image)}`, image.bytes),
    ];
    assert.equal(byTag, byDigest, 'the tag and its manifest come together');
    return byTag;
  },
};

/** Too large for the database. */
const pushLargeManifest: StepOperation = {
  name: 'a large manifest with a subject',
  async prepare(scene) {
    await prepareImage(scene);
    await need(putManifest(scene, 'subject', imageOf(scene, 'subject')), 201);
  },
  run: (scene) => answered(putManifest(scene, 'v1', attached(scene)), 201),
  async isDone(scene) {
    const { ask, repository } = scene;
    const image = attached(scene);
    const isPushed = await isThere(scene, `/v2/${repository}/manifests/v1`, image.bytes);
    const list = await need(ask('GET', `/v2/${repository}/referrers/${digestIn(imageOf(scene, 'subject'))}`), 200);
    const { manifests } = JSON.parse(list.body.toString()) as { readonly manifests: readonly { digest: string }[] };
    assert.deepEqual(
      manifests.map(({ digest }) => digest),
      isPushed ? [digestIn(image)] : [],
      'the list of referrers comes with the manifest',
    );
    return isPushed;
  },
};

function attached(scene: StepScene): ReturnType<typeof manifestOf> {
  const subject = digestIn(imageOf(scene, 'subject'));
  return manifestOf({ blobs: [digestOf(small(scene))], subject, note: `${scene.repository} ${longNote}` });
}

const moveTag: StepOperation = {
  name: 'a tag that moves',
  async prepare(scene) {
    await prepareImage(scene);
    await need(putManifest(scene, 'v1', imageOf(scene, 'one')), 201);
  },
  run: (scene) => answered(putManifest(scene, 'v1', imageOf(scene, 'two')), 201),
  async isDone(scene) {
    const names = await tagged(scene, 'v1');
    const [one, two] = ['one', 'two'].map((note) => digestIn(imageOf(scene, note)));
    assert.ok(names === one || names === two, 'it names one or the other');
    return names === two;
  },
};

const deleteTag: StepOperation = {
  name: 'a tag that is deleted',
  prepare: moveTag.prepare as NonNullable<StepOperation['prepare']>,
  run: ({ ask, repository }) => answered(ask('DELETE', `/v2/${repository}/manifests/v1`), 202, 404),
  async isDone(scene) {
    const image = imageOf(scene, 'one');
    const path = `/v2/${scene.repository}/manifests/${digestIn(image)}`;
    assert.ok(await isThere(scene, path, image.bytes), 'its manifest stays');
    return (await tagged(scene, 'v1')) === undefined;
  },
};

const deleteManifest: StepOperation = {
  name: 'a manifest that is deleted',
  prepare: moveTag.prepare as NonNullable<StepOperation['prepare']>,
  run(scene) {
    const path = `/v2/${scene.repository}/manifests/${digestIn(imageOf(scene, 'one'))}`;
    return answered(scene.ask('DELETE', path), 202, 404);
  },
  isDone: async (scene) => !(await pushManifest.isDone(scene)),
};

const deleteBlob: StepOperation = {
  name: 'a blob that is deleted',
  prepare: async (scene) => void (await need(putBlob(scene, large(scene)), 201)),
  run: (scene) => answered(scene.ask('DELETE', `/v2/${scene.repository}/blobs/${digestOf(large(scene))}`), 202, 404),
  isDone: async (scene) => !(await blobIsThere(scene, large(scene))),
};

/** What came for it goes too. */
const giveUpUpload: StepOperation = {
  name: 'an upload that is given up',
  async prepare(scene) {
    const { ask, repository, uploads } = scene;
    const begun = await need(ask('POST', `/v2/${repository}/blobs/uploads/`), 202);
    const place = begun.headers.get('location') as string;
    await need(ask('PATCH', place, large(scene)), 202);
    uploads.set(place, large(scene).length);
  },
  async run({ ask, uploads }) {
    const [place = ''] = uploads.keys();
    return answered(ask('DELETE', place), 204, 404);
  },
  async isDone({ ask, uploads }) {
    const [[place, size] = ['', 0]] = uploads;
    const status = await need(ask('GET', place), 204, 404);
    if (status.status === 204) assert.equal(status.headers.get('range'), `0-${size - 1}`);
    return status.status === 404;
  },
};

/** The process must be told before that a day went by. */
export const collect: StepOperation = {
  name: 'a garbage collection',
  async prepare(scene) {
    for (const bytes of [large(scene), small(scene)]) await need(putBlob(scene, bytes), 201);
    await giveUpUpload.prepare?.({ ...scene, repository: `${scene.repository}/up` });
  },
  run: ({ ask }) => answered(ask('GET', '/gc'), 200),
  async isDone(scene) {
    const left = [await blobIsThere(scene, large(scene)), await blobIsThere(scene, small(scene))];
    return left.every((isLeft) => !isLeft);
  },
};

/** Everything that changes what is stored. */
export const stepOperations: readonly StepOperation[] = [
  pushLarge,
  pushInChunks,
  pushSmall,
  mount,
  pushManifest,
  pushLargeManifest,
  moveTag,
  deleteTag,
  deleteManifest,
  deleteBlob,
  giveUpUpload,
  collect,
];
