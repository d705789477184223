import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { OpenBlob } from '../../store/blob/blob-store.ts';
import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import type { ReferrerQuery } from '../../store/metadata/referrers.ts';
import type { ManifestName } from '../content/read-manifest.ts';
import type { AnswerHeaders } from '../http/answer.ts';

/** A manifest that was asked for. Its record is kept; whether it may leave is still to be decided. */
export interface FoundManifest {
  readonly record: ManifestRecord;
  /** What its answer says besides: that it may be out of date, because its origin could not be asked. */
  readonly headers?: AnswerHeaders;
}

/** A blob that was asked for. */
export interface FoundBlob {
  readonly size: number;
  /** Whether its bytes lie in the blob store whole, so that a client may be sent there for them. */
  readonly isStored: boolean;
  /** Milliseconds since as much of it came as would be worth waiting for; absent where none of it is on its way to this process. */
  readonly slowFor?: number;
  /** Its bytes, as they come where they are still on their way. */
  open(): Promise<OpenBlob>;
  /** Keeps it for a client that asked whether it is there. */
  keep(): Promise<void>;
}

/** A part of a list that was asked for. */
export interface FoundList<Entry> {
  readonly entries: readonly Entry[];
  /** As for a manifest. */
  readonly headers?: AnswerHeaders;
}

/** Which tags are asked for: so many after one, in the order of their bytes. */
export interface TagQuery {
  readonly after: string;
  readonly limit: number;
}

/**
 * Where what is asked for comes from: what the registry keeps, or an upstream that is asked first. Handlers read content by it
 * alone.
 */
export interface Origin {
  /**
   * @param signal aborted when the client goes; what others wait for goes on
   * @throws RegistryError MANIFEST_UNKNOWN; DENIED, TOOMANYREQUESTS or UNAVAILABLE where an upstream was not asked or did not answer
   */
  findManifest(name: ManifestName, signal: () => AbortSignal): Promise<FoundManifest>;
  /** @throws RegistryError BLOB_UNKNOWN, and as `findManifest` */
  findBlob(repository: string, digest: Digest, signal: () => AbortSignal): Promise<FoundBlob>;
  /** @throws RegistryError NAME_UNKNOWN, and as `findManifest` */
  listTags(repository: string, query: TagQuery, signal: () => AbortSignal): Promise<FoundList<string>>;
  /** What is attached to a digest; nothing, too, where the repository is not there. @throws as `findManifest` */
  listReferrers(repository: string, query: ReferrerQuery, signal: () => AbortSignal): Promise<FoundList<Descriptor>>;
}
