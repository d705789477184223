import type { Logger } from '../../base/logger.ts';
import type { ProgramEnd, ProgramRun } from '../../base/run-program.ts';
import type { Clock } from '../../net/clock.ts';

/** What configurations need of the world. */
export interface ConfigDeps {
  /** Of this process: `KUBECONFIG`, `KUBERNETES_SERVICE_HOST`, and what plugins run in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly home: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
  /** Where a pod finds its service account; the place that Kubernetes has for it where nothing else is said. */
  readonly serviceAccountFolder?: string;
  /** Throws as node:fs does; reads files of this machine where nothing else is given. */
  readonly readFile?: (path: string) => Promise<Buffer>;
  /** Runs programs of this machine where nothing else is given. */
  readonly runProgram?: (run: ProgramRun) => Promise<ProgramEnd>;
}
