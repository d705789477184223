import { isSeaworthyError } from '../../base/error.ts';
import type { Clock } from '../../net/clock.ts';
import { isNetError } from '../../net/error.ts';
import { failureRetries } from '../../net/retry.ts';
import { scanLimits } from './limits.ts';

/** How calls to registries are bounded. */
export interface QueueOptions {
  /** Calls at a time, to all registries together. */
  readonly width: number;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** Ends what waits, and what is under way as far as it listens. */
  readonly signal: AbortSignal;
  /** Until when a registry wants to be left alone, as it said itself; milliseconds since 1970. */
  readonly heldUntil?: (registry: string) => number | undefined;
}

interface Waiting {
  readonly call: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Whether it waits until its registry is there again. */
  readonly isPatient: boolean;
  failures: number;
}

interface Line {
  readonly waiting: Waiting[];
  active: number;
  /** In a row; what was under way when it began to pause counts once. */
  outages: number;
  /** What it said the last time that it was out. */
  outage: unknown;
  heldUntil: number;
  /** The pauses that there were: whoever began before the last one knows nothing new. */
  pauses: number;
}

/** What may be otherwise in a moment. */
const outageCodes: ReadonlySet<string> = new Set(['RATE_LIMITED', 'REGISTRY_UNAVAILABLE']);

/** Whether a registry is out, or was asked too often, and not in a way that stays so. */
export function isOutage(error: unknown): boolean {
  if (!isSeaworthyError(error) || !outageCodes.has(error.code)) return false;
  const { cause } = error;
  // A certificate that is not trusted and a name that there is not stay so, and whoever waits learns it minutes later.
  if (isNetError(cause, 'UNRESOLVED')) return failureRetries(cause) > 0;
  return !isNetError(cause, 'TLS', 'NOT_TLS');
}

/**
 * Calls to registries in their turn: some to all of them at a time, fewer to each. A registry that is out, or that is asked too often, is
 * left alone for a while, and its calls are made again, while others go on; one that stays so fails all of its calls.
 */
export class RegistryQueue {
  readonly #options: QueueOptions;
  readonly #lines = new Map<string, Line>();
  #active = 0;
  #turn = 0;
  #wake: AbortController | undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#drop(), { once: true });
  }

  /**
   * Makes a call when its turn comes.
   *
   * @param isPatient false for what has another way to go: it fails as soon as the registry is out, and is not made while that lasts
   * @throws what it throws; the signal's reason
   */
  async run<Result>(registry: string, call: () => Promise<Result>, isPatient = true): Promise<Result> {
    const { clock, signal } = this.#options;
    signal.throwIfAborted();
    const line = this.#lineOf(registry);
    if (!isPatient && line.heldUntil > clock.now()) throw line.outage;
    const result = new Promise<unknown>((resolve, reject) => {
      line.waiting.push({ call, resolve, reject, isPatient, failures: 0 });
    });
    this.#next();
    return (await result) as Result;
  }

  #lineOf(registry: string): Line {
    const known = this.#lines.get(registry);
    if (known !== undefined) return known;
    const made: Line = { waiting: [], active: 0, outages: 0, outage: undefined, heldUntil: 0, pauses: 0 };
    this.#lines.set(registry, made);
    return made;
  }

  #next(): void {
    const { width, clock, signal } = this.#options;
    if (signal.aborted) return;
    const lines = [...this.#lines];
    let soonest = Number.POSITIVE_INFINITY;
    // Registries take turns, so that one with many images keeps no other waiting.
    for (let looked = 0; looked < lines.length && this.#active < width;) {
      const [registry, line] = lines[this.#turn % lines.length] as [string, Line];
      this.#turn += 1;
      const held = line.heldUntil - clock.now();
      if (line.waiting.length > 0 && held > 0) soonest = Math.min(soonest, held);
      if (line.waiting.length === 0 || held > 0 || line.active >= scanLimits.perRegistry) looked += 1;
      else {
        looked = 0;
        void this.#make(registry, line, line.waiting.shift() as Waiting);
      }
    }
    if (Number.isFinite(soonest)) this.#wakeIn(soonest);
  }

  /** One alarm at a time; each look sets it anew. */
  #wakeIn(milliseconds: number): void {
    this.#wake?.abort();
    const wake = new AbortController();
    this.#wake = wake;
    const { clock, signal } = this.#options;
    clock.sleep(milliseconds, AbortSignal.any([signal, wake.signal])).then(
      () => {
        if (!wake.signal.aborted) this.#next();
      },
      () => undefined,
    );
  }

  async #make(registry: string, line: Line, waiting: Waiting): Promise<void> {
    const { pauses } = line;
    line.active += 1;
    this.#active += 1;
    try {
      const value = await waiting.call();
      line.outages = 0;
      waiting.resolve(value);
    } catch (error) {
      this.#fail(registry, line, waiting, error, pauses);
    } finally {
      line.active -= 1;
      this.#active -= 1;
      this.#next();
    }
  }

  #fail(registry: string, line: Line, waiting: Waiting, error: unknown, pauses: number): void {
    const { clock, signal, heldUntil } = this.#options;
    if (!isOutage(error) || signal.aborted) return waiting.reject(signal.aborted ? signal.reason : error);
    const { most, firstPause, mostPause } = scanLimits.outages;
    waiting.failures += 1;
    if (pauses === line.pauses) {
      line.outages += 1;
      line.outage = error;
      line.pauses += 1;
      const pause = Math.min(firstPause * 2 ** (line.outages - 1), mostPause);
      line.heldUntil = Math.max(clock.now() + pause, heldUntil?.(registry) ?? 0);
    }
    if (line.outages >= most) {
      for (const each of [waiting, ...line.waiting.splice(0)]) each.reject(error);
      // Whoever comes later, under another name of an image, waits for one more pause and no more.
      line.outages = most - 1;
      return;
    }
    const all = [...line.waiting.splice(0), waiting];
    for (const each of all) {
      if (!each.isPatient || each.failures >= most) each.reject(error);
      else line.waiting.push(each);
    }
  }

  #drop(): void {
    this.#wake?.abort();
    for (const { waiting } of this.#lines.values()) {
      for (const { reject } of waiting.splice(0)) reject(this.#options.signal.reason);
    }
  }
}
