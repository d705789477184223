/**
 * Long computing that pauses now and then, so that whoever runs it may look up: at a signal, a timer, a key press. A
 * pause says nothing; the result is the generator's.
 */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Milliseconds that go by before timers and signals are heard again. */
const slice = 50;

/** True once in a thousand rounds of a loop: often enough to be heard, too seldom to cost anything. */
export function isPause(round: number): boolean {
  return (round & 1023) === 1023;
}

/** Runs steps to their end without a break. */
export function runSteps<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const next = steps.next();
    if (next.done === true) return next.value;
  }
}

/**
 * Runs steps to their end, and hears timers and signals meanwhile.
 *
 * @throws the signal's reason; what the steps throw
 */
export async function paceSteps<Result>(steps: Steps<Result>, signal?: AbortSignal): Promise<Result> {
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const until = performance.now() + slice;
    do {
      const next = steps.next();
      if (next.done === true) return next.value;
    } while (performance.now() < until);
  }
}
