import type { Clock } from '../../net/clock.ts';
import type { Identity } from '../auth/identity.ts';
import type { Content } from '../content/content.ts';
import type { Call } from '../pipeline/call.ts';
import type { Origin } from '../pipeline/origin.ts';
import type { GateEvent, GateRules, ImageScans } from './model.ts';

/** What a gate is made of. */
export interface GateParts {
  readonly content: Content;
  readonly origin: Origin;
  readonly scans: ImageScans;
  /**
   * Looked at for each request, and again whenever something was waited for, since they may change: others are another object. Undefined
   * where there is no policy, and then everything passes.
   */
  readonly rules: () => GateRules | undefined;
  /** The registry's own host, and where a repository comes from: with the upstream's host, or its own. */
  readonly registry: () => string;
  readonly sourceOf: (repository: string) => string;
  /** The repository here of an image's name with its host; undefined where it is of no upstream. */
  readonly repositoryOf: (source: string) => string | undefined;
  /** Whether a repository is an upstream's, into which nobody pushes images. */
  readonly isCached: (repository: string) => boolean;
  /** Whether somebody may pull and push what the gate refuses: those who sign what is not signed yet. */
  readonly isExempt: (identity: Identity, repository: string) => boolean;
  readonly clock: Clock;
  /** Gives signals that are aborted after so many whole milliseconds, with a `TimeoutError`; without it, `AbortSignal.timeout`. */
  readonly timeLimit?: (milliseconds: number) => AbortSignal;
  /** Is told what passed by choice, what was refused and who had to wait. */
  readonly observe: (event: GateEvent, call: Pick<Call, 'identity' | 'request'>) => void;
}
