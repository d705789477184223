import type { StartTimer } from '../../src/admission/server/model.ts';

/** Timers that a test ends. */
export function heldTimers(): { readonly start: StartTimer; readonly fire: (longest: number) => void } {
  const calls = new Map<() => void, number>();
  return {
    start(milliseconds, call) {
      calls.set(call, milliseconds);
      return () => void calls.delete(call);
    },
    fire(longest) {
      for (const [call, milliseconds] of calls) if (milliseconds <= longest) call();
    },
  };
}
