import type { SecretReference } from '../value/secret.ts';

/** How images are scanned. */
export interface ScanningConfig {
  readonly enabled: boolean;
  /** Folder of the vulnerability database; absent for the one that commands use. */
  readonly database?: string;
  /** Processes that scan, for each process that serves. */
  readonly workers: number;
  /** What one scan may take: bytes of memory, milliseconds, and stored bytes of the image. */
  readonly memoryBytes: number;
  readonly timeMs: number;
  readonly imageBytes: number;
  /** Bytes of what is remembered of layers; 0 for nothing. */
  readonly cacheBytes: number;
  /** Whether bills of materials and findings are attached to images. */
  readonly attach: boolean;
  /** What signs them, as `seaworthy generate-key-pair` makes it; absent for nothing. */
  readonly key?: { readonly file: string; readonly password?: SecretReference };
}
