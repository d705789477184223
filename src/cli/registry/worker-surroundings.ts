import type { Settings } from '../config/settings.ts';

/** What the first process of a registry hands to the others: plain data, since it passes between processes. */
export interface WorkerSurroundings {
  readonly settings: Pick<Settings, 'debug' | 'quiet' | 'offline' | 'insecure' | 'plainHttp' | 'caCert'>;
  /** Folder of the vulnerability database. */
  readonly vulnerabilityDatabase: string;
  readonly cwd: string;
  /** Processors for each of them. */
  readonly cores: number;
  readonly version: string;
}
