import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import { NetError } from '../../../src/net/error.ts';
import type { Network } from '../../../src/net/network.ts';
import { openNetwork } from '../../../src/net/open-network.ts';
import type { TrustSurroundings } from '../../../src/evidence/trust/followed-trust.ts';
import { instantClock } from '../instant-clock.ts';
import { manualClock, type ManualClock } from '../../manual-clock.ts';

/** What whom to trust is found out with, and all that was done with it. */
export interface TrustLab extends TrustSurroundings, AsyncDisposable {
  /** Ends a pause only when the test says so; it says that it is today. */
  readonly clock: ManualClock;
  /** Paths that were asked for. */
  readonly asked: string[];
  readonly outcomes: string[];
  readonly told: string[];
  readonly ends: (number | undefined)[];
  /** Lets one pause pass, with all that is done after it. */
  round(): Promise<void>;
}

/** Makes it over a folder, where nothing is connected to if it is offline. */
export function trustLab(cacheFolder: string, isOffline = false): TrustLab {
  const network = openNetwork({ clock: instantClock() });
  const asked: string[] = [];
  const told: string[] = [];
  const outcomes: string[] = [];
  const ends: (number | undefined)[] = [];
  const clock = manualClock(Date.now());
  const tell = (message: string): void => void told.push(message);
  const logger: Logger = { ...silentLogger, info: tell, warn: tell, error: tell };
  const request: Network['request'] = (wanted) => {
    const { host, pathname } = new URL(wanted.url);
    asked.push(pathname);
    if (isOffline) return Promise.reject(new NetError('OFFLINE', host, 'This program runs offline'));
    return network.request(wanted);
  };
  return {
    network: { ...network, request },
    clock,
    logger,
    cacheFolder,
    asked,
    told,
    outcomes,
    ends,
    observe: (outcome) => void outcomes.push(outcome),
    expires: (at) => void ends.push(at),
    async round() {
      await clock.tick();
      // It sleeps again when all is done; only then can another pause begin and end.
      await clock.tick();
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}
