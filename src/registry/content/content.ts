import type { BlobStore } from '../../store/blob/blob-store.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import type { TagRecord } from '../../store/metadata/tags.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RegistryError } from '../error.ts';
import type { ManifestCache } from './manifest-cache.ts';
import type { RunningHashes } from './running-hashes.ts';
import type { UploadRoom } from './upload-room.ts';

/** Something that was done to what is stored, for those who ask later who did it. */
export interface ContentEvent {
  readonly action: 'push' | 'delete' | 'move';
  readonly repository: string;
  /** The tag, where one was set or taken away. */
  readonly tag?: string;
  readonly digest: Digest;
  /** What the tag named before. */
  readonly previous?: Digest;
  readonly mediaType?: string;
  readonly size?: number;
  /** The rule that decided, where no client asked for it. */
  readonly rule?: string;
}

/** Writes down what was done, in the transaction that does it: there is neither without the other. */
export type Journal = (queries: SqlQueries, event: ContentEvent) => Promise<void>;

/** A tag, what it names, and what it is to name. */
export interface TagWrite {
  readonly repository: string;
  readonly tag: string;
  readonly current: TagRecord | undefined;
  /** Undefined when it is to name nothing any more. */
  readonly next: Digest | undefined;
  readonly now: number;
}

/** Decides about tags, in the transaction that would change one. */
export interface TagGuard {
  /** Why a tag may not be changed; undefined when it may. */
  refusal(write: TagWrite): RegistryError | undefined;
  /** Whether a tag must stay as it is at this moment, its time too: pushing the same again must not make it stay longer. */
  isHeld(write: TagWrite): boolean;
}

/** What a push adds to a repository. */
export interface PushSize {
  readonly name: string;
  readonly repository: number;
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
  /** Tags that are not there yet. */
  readonly newTags: number;
}

/** Refuses what would be too much, in the transaction that records it. Throws RegistryError DENIED. */
export type PushLimit = (queries: SqlQueries, push: PushSize) => Promise<void>;

/** What manifests may name that is not there: nothing, images of an index, or layers too (distribution-spec, "sparse"). */
export type Sparse = 'none' | 'indexes' | 'all';

/** All that a registry keeps, and what it is to heed. One for a process. */
export interface Content {
  readonly database: SqlDatabase;
  readonly blobs: BlobStore;
  readonly guard: TagGuard;
  readonly limit: PushLimit;
  /** Bytes that uploads of a repository may hold while they are under way; undefined for any number. */
  readonly uploadBytes: (repository: string) => number | undefined;
  readonly room: UploadRoom;
  readonly hashes: RunningHashes;
  readonly manifests: ManifestCache;
  readonly sparse: Sparse;
  /** Whether clients fetch blobs from the store themselves, where it offers that. */
  readonly redirects: boolean;
  /** Bytes of one blob, and of one manifest. */
  readonly blobBytes: number;
  readonly manifestBytes: number;
  /** Entries of a page of tags, repositories or referrers. */
  readonly pageEntries: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits that many milliseconds. */
  readonly wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly newId: () => string;
}
