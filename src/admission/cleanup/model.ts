import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../net/clock.ts';
import type { RemovalOutcome } from '../remove-own.ts';

/** What is to go. */
export interface CleanupSettings {
  /** Where the webhook ran. */
  readonly namespace: string;
  /** Its Secrets and verdicts too, and not only what has API servers ask it. */
  readonly all: boolean;
  /** Scales its Deployment to none first. */
  readonly stop: boolean;
  /** Only tells what would go. */
  readonly dryRun: boolean;
}

/** Something that the webhook made in a cluster, or something of that name, and what became of it. */
export interface CleanupStep {
  readonly kind: string;
  readonly namespace?: string;
  /** Absent for all of a kind. */
  readonly name?: string;
  /** How many, for all of a kind. */
  readonly count?: number;
  readonly outcome: RemovalOutcome | { readonly failed: unknown };
}

/** What the webhook is taken out with. */
export interface CleanupParts {
  readonly client: Pick<KubernetesClient, 'get' | 'list' | 'patch' | 'remove'>;
  readonly clock: Clock;
  /** Is told each step as it is done. */
  readonly onStep: (step: CleanupStep) => void;
  /** Is told what is waited for. */
  readonly onWait: (sentence: string) => void;
  readonly signal: AbortSignal;
}
