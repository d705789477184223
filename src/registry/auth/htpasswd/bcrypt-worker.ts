import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** What the main thread asks: whether a password has a hash. */
export interface BcryptQuestion {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

/** What a thread answers. */
export interface BcryptAnswer {
  readonly id: number;
  /** Undefined when the hash could not be read. */
  readonly matches: boolean | undefined;
}

parentPort?.on('message', ({ id, password, hash }: BcryptQuestion) => {
  let matches: boolean | undefined;
  try {
    matches = compareSync(password, hash);
  } catch {
    matches = undefined;
  }
  parentPort?.postMessage({ id, matches } satisfies BcryptAnswer, []);
});
