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
  /** Ports that it says it listens at, as written: `8080/tcp`, `53/udp`, `8080`; absent when it says none. */
  readonly exposedPorts?: readonly string[];
  /** Whether it says how to tell that it is well (Docker's image specification, "Healthcheck"); absent when it does not. */
  readonly healthcheck?: true;
}

/** One build step (OCI image-spec, config.md, "history"). */
export interface HistoryEntry {
  readonly created?: string;
  readonly createdBy?: string;
  readonly comment?: string;
  /** True when the step made no layer. */
  readonly emptyLayer: boolean;
}
