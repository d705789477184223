import type { User } from './users.ts';

/** What was asked of a fake API server. */
export interface AskedCall {
  readonly method: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, or empty for what is about no object. */
  readonly verb: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: User | undefined;
  readonly authorization: string | undefined;
}

/** What goes wrong. */
export type Fault =
  /** Answers with a Status instead of doing it. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfter?: number;
    }
  /** Answers with this instead of doing it. */
  | {
      readonly kind: 'answer';
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string | Buffer | (() => Iterable<string | Buffer> | AsyncIterable<string | Buffer>);
    }
  /** Breaks the connection off, before it is done or after. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** Does nothing until a promise resolves. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> }
  /** Breaks a watch off after so many events, within the next one where that is said. */
  | { readonly kind: 'cut-watch'; readonly after: number; readonly within?: boolean }
  /** Ends a watch in order after so many events. */
  | { readonly kind: 'end-watch'; readonly after: number }
  /** Says nothing any more after so many events, and keeps the connection. */
  | { readonly kind: 'stall-watch'; readonly after: number }
  /** Tells an ERROR after so many events, and ends. */
  | { readonly kind: 'watch-error'; readonly after: number; readonly status: number; readonly reason: string }
  /** Tells this line after so many events. */
  | { readonly kind: 'watch-line'; readonly after: number; readonly line: string };

/** Faults that are of a watch that has begun. */
export type WatchFault = Extract<Fault, { readonly after: number }>;

/** When a fault happens. */
export interface FaultOptions {
  /** To any call where it is absent. */
  readonly when?: (call: AskedCall) => boolean;
  /** Once where it is absent. */
  readonly times?: number;
}

/** The faults that are to come, in the order in which they were asked for. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; readonly when: (call: AskedCall) => boolean; times: number }[] = [];

  /** Asks for a fault. Those of watches wait for a watch. */
  inject(fault: Fault, { when = () => true, times = 1 }: FaultOptions = {}): void {
    const isOfWatch = 'after' in fault;
    this.#waiting.push({ fault, when: (call) => (!isOfWatch || call.verb === 'watch') && when(call), times });
  }

  /** Asks for none any more. */
  clear(): void {
    this.#waiting.length = 0;
  }

  /** The fault of a call, which is then used up. */
  take(call: AskedCall): Fault | undefined {
    const index = this.#waiting.findIndex(({ when }) => when(call));
    const found = this.#waiting[index];
    if (found === undefined) return undefined;
    found.times -= 1;
    if (found.times <= 0) this.#waiting.splice(index, 1);
    return found.fault;
  }
}
