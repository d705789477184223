import { errorMessage, isSeaworthyError, SeaworthyError } from '../../../base/error.ts';
import { processLimits } from '../limits.ts';

/** What one side of a channel asks the other: a kind, and what belongs to it. Plain JSON. */
export type Question = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** Why an answer did not come whole. */
export class ChannelError extends SeaworthyError<'CHANNEL_CLOSED' | 'ANSWER_FAILED'> {
  override readonly name = 'ChannelError';
  /** The code of what the other side met. */
  readonly reason: string | undefined;

  constructor(
    code: 'CHANNEL_CLOSED' | 'ANSWER_FAILED',
    message: string,
    { reason, ...options }: ErrorOptions & { readonly reason?: string } = {},
  ) {
    super(code, message, options);
    this.reason = reason;
  }
}

/** An error as it is told to the other side. */
export function describeFailure(error: unknown): { readonly code: string; readonly message: string } {
  const code = isSeaworthyError(error) ? error.code : 'FAILED';
  return { code, message: errorMessage(error).slice(0, processLimits.messageLength) };
}
