import { releaseLease, renewUpstreamLease, takeLease } from '../../store/metadata/upstream-leases.ts';
import { RegistryError } from '../error.ts';
import { upstreamLimits } from './limits.ts';
import type { UpstreamParts } from './surroundings.ts';

/** What is being fetched, for all processes that share the database. It is over a while after its holder was killed. */
export interface Lease extends AsyncDisposable {
  /** A name that nobody had before. */
  readonly holder: string;
}

/** Who is fetching something. */
export type LeaseTaking = { readonly mine: Lease } | { readonly other: string };

/**
 * Takes a lease and holds on to it until it is disposed of, or tells who has it.
 *
 * @param holder a name that nobody else has; that of another lease, where both are of one work
 */
export async function tryLease(
  parts: UpstreamParts,
  name: string,
  holder: string = parts.content.newId(),
): Promise<LeaseTaking> {
  const { content, logger } = parts;
  const now = content.now();
  const got = await content.database.transaction(
    (queries) => takeLease(queries, name, holder, now, now + upstreamLimits.lease),
    { durable: false },
  );
  if (got !== holder) return { other: got };
  const over = new AbortController();
  const holding = hold(parts, name, holder, AbortSignal.any([over.signal, parts.closing]));
  return {
    mine: {
      holder,
      async [Symbol.asyncDispose]() {
        over.abort();
        await holding;
        try {
          await content.database.transaction((queries) => releaseLease(queries, name, holder), { durable: false });
        } catch (error) {
          // It ends by itself.
          logger.warn('A lease could not be given back', { error });
        }
      },
    },
  };
}

/** By the process's own clock for the pauses, so that long work is not taken over. */
async function hold(
  { content, clock, logger }: UpstreamParts,
  name: string,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await clock.sleep(upstreamLimits.leaseRenewal, signal);
      await content.database.transaction(
        (queries) => renewUpstreamLease(queries, name, holder, content.now() + upstreamLimits.lease),
        { durable: false },
      );
    } catch (error) {
      if (!signal.aborted) logger.warn('A lease could not be renewed', { error });
    }
  }
}

/**
 * Does some work while no other process does it. Others look from time to time whether it is done, and do it themselves when whoever
 * had begun gave up or was killed.
 *
 * @param look what is there already, if it is
 * @throws RegistryError UNAVAILABLE when another one is busy with it for too long
 */
export async function alone<Result>(
  parts: UpstreamParts,
  name: string,
  look: () => Promise<Result | undefined>,
  work: () => Promise<Result>,
): Promise<Result> {
  let pause: number = upstreamLimits.leaseLook;
  for (let waited = 0; waited < upstreamLimits.leaseWait; waited += pause) {
    const taking = await tryLease(parts, name);
    if ('mine' in taking) {
      await using lease = taking.mine;
      void lease;
      // Whoever had the lease before may have done it.
      return (await look()) ?? (await work());
    }
    pause = Math.min(pause * 2, upstreamLimits.leaseLookMost);
    await parts.clock.sleep(pause, parts.closing);
    const done = await look();
    if (done !== undefined) return done;
  }
  throw new RegistryError('UNAVAILABLE', 'Another process of this registry is still fetching this; try again soon', {
    headers: { 'retry-after': '5' },
  });
}
