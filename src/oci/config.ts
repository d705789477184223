import type { DiffId } from './digest.ts';
import type { Platform } from './platform.ts';

/** The parts of an image's config that the program uses (OCI image-spec, config.md). */
export interface ImageConfig {
  readonly platform: Platform;
  /** RFC 3339, as written. */
  readonly created?: string;
  /** Lowest layer first. */
  readonly diffIds: readonly DiffId[];
  readonly history: readonly HistoryEntry[];
  readonly labels: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly env: readonly string[];
}

/** One build step (OCI image-spec, config.md, "history"). */
export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** True when the step made no layer. */
  readonly emptyLayer: boolean;
}
