import type { Gate } from './gate.ts';

/** One gate of several: each is asked, in their order, until one refuses. */
export function chainGates(gates: readonly Gate[]): Gate {
  return {
    enter(call) {
      for (const gate of gates) gate.enter(call);
    },
    judge(subject, call) {
      // Most are known at once, and then nothing is waited for.
      for (const [at, gate] of gates.entries()) {
        const judged = gate.judge(subject, call);
        if (judged !== undefined) return judgeRest(judged, gates.slice(at + 1), subject, call);
      }
      return undefined;
    },
  };
}

async function judgeRest(
  judged: Promise<void>,
  rest: readonly Gate[],
  ...asked: Parameters<Gate['judge']>
): Promise<void> {
  await judged;
  for (const gate of rest) await gate.judge(...asked);
}
