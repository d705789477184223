import { removeBlob } from '../../../src/registry/content/delete.ts';
import { keepLease, openRecord, requireBlob } from '../../../src/registry/content/read-blob.ts';
import { appendUpload, cancelUpload, requireUpload, startUpload } from '../../../src/registry/content/upload.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { limits } from '../../../src/registry/limits.ts';
import { chunked, collect } from '../../store/blob-data.ts';
import { mountFreely, noJournal, pushBlob, type PushForm } from '../push-content.ts';
import { type Clients, nameOf, violation } from './clients.ts';
import { bytesOf, repositories } from './universe.ts';

/** Answers to whoever was stalled for longer than what they began was kept, or met a removal. */
const tooSlow = ['TOOMANYREQUESTS', 'UPLOAD_CONFLICT', 'BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID'];

const forms: readonly PushForm[] = ['whole', 'stream', 'chunks'];

/** Pushes a blob in any form; false when that was not answered with success. */
export async function push(clients: Clients, repository: string, digest: Digest): Promise<boolean> {
  const name = nameOf(repository, digest);
  const before = clients.now;
  const promised = clients.promise();
  const end = clients.blobs.begin(name);
  // Whoever is slower than the lease may find their upload's bytes, or the upload, gone.
  const answer = await clients.ask('push', tooSlow, (node) =>
    pushBlob(node, repository, bytesOf(digest), clients.world.dice.pick(forms)),
  );
  const isSlow = clients.now - before > limits.lease;
  if (answer !== 'lost' && 'refused' in answer && answer.refused !== 'TOOMANYREQUESTS' && !isSlow) {
    violation('A push in time was refused', name, answer);
  }
  end(clients.ending(answer, () => ({ value: clients.longer(known(clients, name), promised) })));
  return answer !== 'lost' && 'value' in answer;
}

/** Mounts a blob from a repository that may have it, or from any; false when it is not there. */
export async function mount(clients: Clients, repository: string, digest: Digest): Promise<boolean> {
  const { dice } = clients.world;
  const from = dice.chance(0.7) ? dice.pick(repositories) : undefined;
  const name = nameOf(repository, digest);
  const source = from === undefined ? undefined : nameOf(from, digest);
  // Known before it is asked: what comes while the answer is on its way need not have been seen.
  const there = source === undefined || source === name ? undefined : clients.blobs.known(source)?.value;
  const promised = clients.promise();
  const isMoved = watch(clients, source ?? name);
  const end = clients.blobs.begin(name);
  const answer = await clients.ask('mount', [], (node) => mountFreely(node, { repository, digest, from }));
  const done = answer !== 'lost' && 'value' in answer && answer.value;
  end(
    clients.ending(answer, (isMounted) =>
      isMounted ? { value: clients.longer(known(clients, name), promised) } : 'unchanged',
    ),
  );
  if (
    answer !== 'lost' &&
    !done &&
    there !== undefined &&
    there !== 'absent' &&
    there.until > clients.now &&
    !isMoved()
  ) {
    violation('A blob that is there was not mounted', source);
  }
  return done;
}

/** Asks whether a blob is there, and may rely on it. */
export async function head(clients: Clients, repository: string, digest: Digest): Promise<boolean> {
  const name = nameOf(repository, digest);
  const isMoved = watch(clients, name);
  const promised = clients.promise(3 / 4);
  const expected = clients.blobs.known(name)?.value;
  const end = clients.blobs.begin(name);
  const answer = await clients.ask('head', ['BLOB_UNKNOWN'], async (node) => {
    const record = await requireBlob(node, repository, digest);
    await keepLease(node, repository, digest, record);
  });
  const isThere = answer !== 'lost' && 'value' in answer;
  if (answer !== 'lost' && !isThere && expected !== undefined && expected !== 'absent') {
    if (expected.until > clients.now && !isMoved()) violation('A promised blob is not there', name, expected);
  }
  end(clients.ending(answer, () => ({ value: clients.longer(known(clients, name), promised) })));
  return isThere;
}

/** Reads a blob: all of it, or an answer that it is not there. */
export async function read(clients: Clients, repository: string, digest: Digest): Promise<boolean | 'lost'> {
  const answer = await clients.ask('read', ['BLOB_UNKNOWN'], async (node) => {
    await using open = await openRecord(node, repository, digest, await requireBlob(node, repository, digest));
    if (!(await collect(open.read())).equals(bytesOf(digest))) violation('Wrong bytes were read', repository, digest);
  });
  return answer === 'lost' ? answer : 'value' in answer;
}

/** Takes a blob from a repository, unless a manifest needs it. */
export async function remove(clients: Clients, repository: string, digest: Digest): Promise<void> {
  const name = nameOf(repository, digest);
  clients.removal(name);
  const end = clients.blobs.begin(name);
  const answer = await clients.ask('remove', ['BLOB_UNKNOWN', 'DENIED'], (node) =>
    removeBlob(node, repository, digest, noJournal),
  );
  clients.removal(name);
  end(clients.ending(answer, () => ({ value: 'absent' })));
}

/** Begins an upload and leaves it, or gives it up. */
export async function abandon(clients: Clients, repository: string): Promise<void> {
  const { dice, digests } = clients.world;
  const bytes = bytesOf(dice.pick(digests));
  await clients.ask('abandon', tooSlow, async (node) => {
    const id = await startUpload(node, repository, 'somebody');
    const incoming = { chunks: chunked(bytes), length: dice.chance(0.5) ? bytes.length : undefined };
    const upload = await requireUpload(node, repository, id, 'somebody');
    await appendUpload(node, upload, incoming, new AbortController().signal);
    if (dice.chance(0.5)) await cancelUpload(node, await requireUpload(node, repository, id, 'somebody'));
  });
}

/** Tells later whether somebody began to take a blob away since. */
export function watch({ removals }: Clients, name: string): () => boolean {
  const before = removals.get(name);
  return () => removals.get(name) !== before;
}

function known(clients: Clients, name: string): ReturnType<Clients['longer']> | 'absent' | undefined {
  return clients.blobs.before(name)?.value;
}
