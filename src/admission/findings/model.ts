import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { ScanPool } from '../../scan/process/pool/scan-pool.ts';
import type { WorkerOptions } from '../../scan/process/pool/worker-process.ts';
import type { WorkerProgram } from '../../scan/process/pool/worker-program.ts';
import type { AcceptedKey } from '../../signing/verify/policy.ts';

/** How images are scanned. */
export interface FindingsConfig {
  /** Folder of the vulnerability database. */
  readonly database: string;
  /** Processes that scan. */
  readonly workers: number;
  /** What one scan may take: bytes of memory, milliseconds, and stored bytes of the image. */
  readonly memoryBytes: number;
  readonly timeMs: number;
  readonly imageBytes: number;
  /** Where layers are remembered, and bytes of that; nowhere when left out. */
  readonly cache?: { readonly folder: string; readonly maxBytes: number };
  /** Keys of registries whose lists of packages count in the place of layers. */
  readonly sbomKeys: readonly AcceptedKey[];
}

/** What scanning needs of the process. */
export interface FindingsSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Processors for one scan. */
  readonly cores: number;
  /** Hears how each look ended: `sbom`, `layers`, or the code of its failure. */
  readonly observe?: (outcome: string) => void;
  /** What scans are run by; another one in tests. */
  readonly program?: WorkerProgram;
  /** Where processes come from; tests lend those of one pool. */
  readonly openPool?: (width: number, options: WorkerOptions) => ScanPool;
}
