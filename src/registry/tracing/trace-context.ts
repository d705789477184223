import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The trace that a request belongs to. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The span of who asks, as 16 hex digits; undefined where the trace begins here. */
  readonly parentId: string | undefined;
  /** Whether who began the trace records it. */
  readonly sampled: boolean;
}

const grammar = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * Reads a `traceparent` header (W3C Trace Context, 3.2). Later versions are read as far as they are like the first (4.3). Undefined for
 * what is malformed, which is to be as if it were not there.
 */
export function parseTraceparent(text: string): TraceContext | undefined {
  const [, version, traceId, parentId, flags, rest] = grammar.exec(text) ?? [];
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The trace that a request says it belongs to; undefined for none. */
export function traceOf({ headers }: Pick<IncomingMessage, 'headers'>): TraceContext | undefined {
  const text = headers['traceparent'];
  return typeof text === 'string' ? parseTraceparent(text) : undefined;
}

/** Begins a trace. */
export function beginTrace(): TraceContext {
  return { traceId: randomBytes(16).toString('hex'), parentId: undefined, sampled: true };
}

/** The id of a new span. */
export function newSpanId(): string {
  return randomBytes(8).toString('hex');
}
