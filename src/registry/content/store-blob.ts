import type { Digest } from '../../oci/digest.ts';
import { type BlobClaim, claimBlob, confirmBlob } from '../../store/metadata/blobs.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { RegistryError } from '../error.ts';
import type { Content } from './content.ts';

/** Waits for bytes of the same digest to be removed, in milliseconds; together some seconds. */
const waits = [10, 40, 160, 640, 1000, 1000, 1000, 1000] as const;

/** Times that bytes are stored again because they were removed before anything linked to them. */
const rounds = 4;

/** Bytes on their way into the blob store. */
export interface StoredPush {
  readonly digest: Digest;
  readonly size: number;
  /** Puts them there, in place of what is there when that is damaged. It is called again when they were removed meanwhile. */
  readonly store: (options: { readonly replace: boolean }) => Promise<void>;
  /** Links to them, in the transaction that made sure that they are there. */
  readonly link: (queries: SqlQueries) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Puts bytes into the blob store and links to them, so that garbage collection never comes between: the digest is claimed before,
 * and the claim is shown again in the transaction that links. Between the two may lie any time. When it was longer than the lease,
 * the row may be gone, or be another one, and with it the bytes; then all is done again.
 *
 * @throws RegistryError TOOMANYREQUESTS when bytes of the same digest are being removed, or were each time
 */
export async function storeAndLink(content: Content, push: StoredPush): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const claim = await takeClaim(content, push.digest, push.size, push.signal);
    await push.store({ replace: claim.damagedAt > 0 });
    const linked = await content.database.transaction(async (queries) => {
      if (!(await confirmBlob(queries, push.digest, claim, content.now()))) return false;
      await push.link(queries);
      return true;
    });
    if (linked) return;
  }
  throw beingRemoved();
}

/** Small bytes on their way into the database. */
export interface KeptPush {
  /** Keeps them; false while bytes of the same digest are being removed. */
  readonly keep: (queries: SqlQueries) => Promise<boolean>;
  readonly link: (queries: SqlQueries) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Keeps small bytes in the database and links to them, in one transaction. @throws RegistryError TOOMANYREQUESTS */
export async function keepAndLink(content: Content, { keep, link, signal }: KeptPush): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const linked = await content.database.transaction(async (queries) => {
      if (!(await keep(queries))) return false;
      await link(queries);
      return true;
    });
    if (linked) return;
    await waitForRemoval(content, attempt, signal);
  }
}

/**
 * Claims a digest, so that garbage collection leaves what is about to be stored alone. Where it is at this moment removing bytes
 * of the same digest, that is awaited: afterwards they are stored anew.
 */
async function takeClaim(
  content: Content,
  digest: Digest,
  size: number,
  signal: AbortSignal | undefined,
): Promise<BlobClaim> {
  for (let attempt = 0; ; attempt += 1) {
    const claim = await content.database.transaction((queries) => claimBlob(queries, digest, size, content.now()), {
      durable: false,
    });
    if (claim !== undefined) return claim;
    await waitForRemoval(content, attempt, signal);
  }
}

async function waitForRemoval(content: Content, attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const wait = waits[attempt];
  if (wait === undefined) throw beingRemoved();
  await content.wait(wait, signal);
}

function beingRemoved(): RegistryError {
  return new RegistryError('TOOMANYREQUESTS', 'This content is being removed at this moment; push it again soon', {
    headers: { 'retry-after': '2' },
  });
}
