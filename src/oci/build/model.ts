import type { StoredBlob } from '../content-sink.ts';
import type { Descriptor } from '../descriptor.ts';
import type { DiffId, Digest } from '../digest.ts';
import type { Platform } from '../platform.ts';

/** How what is added stands in the image. */
export interface EntryRules {
  /** Of files; absent for 755 where the owner may run it, and 644 where not. `keep` takes the mode as it is on this machine. */
  readonly mode?: number | 'keep';
  /** Of folders; absent for 755, and with `keep` for the mode as it is. */
  readonly directoryMode?: number;
  /** Absent for 0. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Files or a folder of this machine, and where they go. */
export interface AddStep extends EntryRules {
  readonly kind: 'add';
  /** As a user wrote it; may hold `{os}`, `{arch}` and `{variant}`. */
  readonly source: string;
  /** Absolute. With a slash at the end, a file goes into that folder under its own name. */
  readonly target: string;
}

/** An empty folder. */
export interface DirectoryStep extends EntryRules {
  readonly kind: 'directory';
  readonly target: string;
}

/** One thing to be put into a layer. */
export type BuildStep = AddStep | DirectoryStep;

/** What becomes one layer. */
export interface LayerSteps {
  readonly steps: readonly BuildStep[];
}

/** How the layers of a build are stored. */
export type BuiltCompression = 'gzip' | 'zstd' | 'none';

/** What an image says of itself; what is absent stays as the base has it. */
export interface ConfigChanges {
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `KEY=VALUE`; replaces a variable of the same name. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `8080/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly stopSignal?: string;
}

/** A layer that was written, where its bytes lie, and what the image's history says of it. */
export interface BuiltLayer {
  readonly diffId: DiffId;
  readonly descriptor: Descriptor;
  readonly blob: StoredBlob;
  readonly createdBy: string;
}

/** A manifest or index with its bytes. */
export interface BuiltDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** The image of one platform. */
export interface BuiltImage {
  readonly platform: Platform;
  readonly manifest: BuiltDocument;
  readonly config: BuiltDocument;
  /** Lowest first, those of the base too. */
  readonly layers: readonly Descriptor[];
}

/** All that a build made: documents in memory, layers in files or at the base's source. */
export interface BuiltContent extends AsyncDisposable {
  /** The index where there are several platforms, else the manifest. */
  readonly root: BuiltDocument;
  readonly images: readonly BuiltImage[];
  /** Configs and layers, each once, in the order of the images. */
  readonly blobs: ReadonlyMap<Digest, StoredBlob>;
}
