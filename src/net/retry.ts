import type { Clock } from './clock.ts';
import type { NetError, NetErrorCode } from './error.ts';

/**
 * Answers after which the same request may succeed, with how often it is sent again. Only requests that may be sent
 * twice are: the methods RFC 9110 (9.2.2) calls idempotent, and those their caller declares so.
 */
export const retriedStatuses: Readonly<Record<number, number>> = { 408: 2, 429: 3, 500: 2, 502: 3, 503: 3, 504: 2 };

/** Failures after which the same request may succeed. A timeout has cost long already and is tried once more only. */
const retriedFailures: Readonly<Partial<Record<NetErrorCode, number>>> = {
  RESET: 3,
  TIMEOUT: 1,
  UNREACHABLE: 1,
};

/** Name resolution says itself whether it may succeed later (getaddrinfo's EAI_AGAIN). */
const temporaryResolution = 2;

/** The first pause is at most this long, each further one twice as long. */
const baseDelayMs = 250;
const maxDelayMs = 8000;

/** A server that wants a longer pause than this gets no second request: its answer is handed over instead. */
export const maxRetryAfterMs: number = 30_000;

/** How often a request that failed so is sent again. */
export function failureRetries(error: NetError): number {
  if (error.code === 'UNRESOLVED') {
    return (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EAI_AGAIN' ? temporaryResolution : 0;
  }
  return retriedFailures[error.code] ?? 0;
}

/** The pause before retry number `retry` (from 0): exponential with full jitter, so that many clients spread out. */
export function backoffMs(retry: number, clock: Pick<Clock, 'random'>): number {
  return clock.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** retry);
}

/**
 * Reads a `Retry-After` header, seconds or a date (RFC 9110, 10.2.3), into milliseconds from `now`; undefined when it is
 * absent or malformed.
 */
export function parseRetryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (/^\d{1,10}$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^[A-Za-z]{3}/.test(trimmed)) return undefined;
  const date = Date.parse(trimmed);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
