import type { Gate, Warnings } from './gate.ts';

/** One gate of several: each is asked, in their order, until one refuses. What they warn of is told together. */
export function chainGates(gates: readonly Gate[]): Gate {
  return {
    enter(call) {
      for (const gate of gates) gate.enter(call);
    },
    judge(subject, call) {
      let told: Warnings | undefined;
      // Most are known at once, and then nothing is waited for.
      for (const [at, gate] of gates.entries()) {
        const judged = gate.judge(subject, call);
        if (judged instanceof Promise) return judgeRest(told, judged, gates.slice(at + 1), subject, call);
        told = both(told, judged);
      }
      return told;
    },
  };
}

async function judgeRest(
  before: Warnings | undefined,
  judged: Promise<Warnings | undefined>,
  rest: readonly Gate[],
  ...asked: Parameters<Gate['judge']>
): Promise<Warnings | undefined> {
  let told = both(before, await judged);
  for (const gate of rest) told = both(told, await gate.judge(...asked));
  return told;
}

function both(some: Warnings | undefined, more: Warnings | undefined): Warnings | undefined {
  return some === undefined || more === undefined ? (some ?? more) : [...some, ...more];
}
