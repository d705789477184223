import type { ContentSource } from '../../oci/content-source.ts';
import type { Descriptor } from '../../oci/descriptor.ts';

/** A repository that is to be taken over. */
export interface ImportedRepository {
  readonly name: string;
  readonly content: ContentSource;
  /** All of its manifests, those in indexes too; what an index names may come before or after it. */
  manifests(signal?: AbortSignal): AsyncIterable<ImportedManifest>;
  /** Names of its manifests. */
  tags(signal?: AbortSignal): AsyncIterable<ImportedTag>;
}

/** A manifest of it. */
export interface ImportedManifest {
  readonly descriptor: Descriptor;
  /** When it was pushed, in milliseconds since 1970, where that can be told. */
  readonly pushedAt: number | undefined;
}

/** A tag of it. */
export interface ImportedTag {
  readonly name: string;
  readonly descriptor: Descriptor;
  readonly pushedAt: number | undefined;
}

/** A folder in a form that is known. */
export interface ImportSource {
  readonly form: 'oci-layout' | 'distribution';
  repositories(signal?: AbortSignal): AsyncIterable<ImportedRepository>;
}
