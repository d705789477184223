import type { Output } from '../host.ts';

/** The part of a terminal that is typed on. */
export interface TerminalInput {
  setRawMode(on: boolean): void;
  resume(): void;
  pause(): void;
  on(event: 'data', listener: (chunk: Buffer | string) => void): void;
  off(event: 'data', listener: (chunk: Buffer | string) => void): void;
}

/** Longer answers are no passwords and no yes. */
const maxAnswer = 4096;

/**
 * Asks a person something on a terminal and reads one line.
 *
 * @param secret what is typed is not shown
 * @throws the signal's reason when the person interrupts instead of answering
 */
export async function askOnTerminal(
  question: string,
  secret: boolean,
  { input, output, interrupt, signal }: AskContext,
): Promise<string> {
  signal.throwIfAborted();
  await output.write(question);
  input.setRawMode(true);
  input.resume();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = '';
  const take = (character: string): void => {
    if (character === '\r' || character === '\n') resolve(answer);
    else if (character === '\u0003') interrupt();
    else if (character === '\u0004') resolve(answer);
    else if (character === '\u007F' || character === '\b') {
      if (answer === '') return;
      answer = Array.from(answer).slice(0, -1).join('');
      if (!secret) void output.write('\b \b');
    } else if (character >= ' ' && answer.length < maxAnswer) {
      answer += character;
      if (!secret) void output.write(character);
    }
  };
  const onData = (chunk: Buffer | string): void => {
    for (const character of chunk.toString()) take(character);
  };
  const onAbort = (): void => reject(signal.reason as Error);
  input.on('data', onData);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    input.off('data', onData);
    input.setRawMode(false);
    input.pause();
    await output.write('\n');
  }
}

/** Where to ask, and what to do when the person wants to stop. */
export interface AskContext {
  readonly input: TerminalInput;
  readonly output: Output;
  /** In raw mode Ctrl-C is a character and no signal. */
  readonly interrupt: () => void;
  readonly signal: AbortSignal;
}
