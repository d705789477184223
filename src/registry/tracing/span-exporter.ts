import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { isNetError } from '../../net/error.ts';
import type { Network, NetworkResponse } from '../../net/network.ts';
import { parseRetryAfter } from '../../net/retry.ts';
import { encodeSpans, type TraceResource } from './encode-spans.ts';
import { tracingLimits } from './limits.ts';
import type { Span } from './span.ts';

/** What an exporter needs. */
export interface SpanExporterOptions {
  /** Where export requests are posted. */
  readonly url: URL;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly resource: TraceResource;
  /** Is told what became of spans. */
  readonly observe: (outcome: 'exported' | 'dropped', spans: number) => void;
}

/** Statuses after which the same may be sent again (OTLP 1.10, "Retryable Response Codes"); all others are final. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What came of one attempt: how many spans were taken, or how long to wait before the next. */
type Attempt =
  | { readonly taken: number }
  | { readonly reason: string; readonly again: boolean; readonly afterMs?: number };

/**
 * Posts spans to a collector, many at once. What waits is bounded: while the collector is away, further spans are dropped and counted, and no
 * request is any slower for it.
 */
export class SpanExporter implements AsyncDisposable {
  readonly #options: SpanExporterOptions;
  readonly #closing = new AbortController();
  #waiting: Span[] = [];
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #failures = 0;
  #quietUntil = 0;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
  }

  /** Takes a span, to be sent soon. */
  add(span: Span): void {
    if (this.#waiting.length >= tracingLimits.waiting) return this.#options.observe('dropped', 1);
    this.#waiting.push(span);
    if (this.#waiting.length >= tracingLimits.batch && !this.#isQuiet()) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), tracingLimits.delayMs).unref();
  }

  /** Sends what waits, unless the collector is to be left alone; one request at a time. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#waiting.length > 0 && !this.#closing.signal.aborted)
        this.#timer ??= setTimeout(() => void this.flush(), tracingLimits.delayMs).unref();
    });
    return this.#working;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { observe } = this.#options;
    const late = setTimeout(() => this.#closing.abort(), tracingLimits.closeMs);
    await this.flush();
    await this.flush();
    clearTimeout(late);
    clearTimeout(this.#timer);
    this.#closing.abort();
    if (this.#waiting.length > 0) observe('dropped', this.#waiting.length);
    this.#waiting = [];
  }

  #isQuiet(): boolean {
    return this.#options.clock.monotonic() < this.#quietUntil;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isQuiet() && !this.#closing.signal.aborted) {
      const batch = this.#waiting.slice(0, tracingLimits.batch);
      this.#waiting = this.#waiting.slice(batch.length);
      this.#settle(batch, await this.#send(batch));
    }
  }

  #settle(batch: readonly Span[], attempt: Attempt): void {
    const { observe, logger, clock } = this.#options;
    if ('taken' in attempt) {
      if (this.#failures > 0) logger.info('Traces are exported again');
      this.#failures = 0;
      observe('exported', attempt.taken);
      if (attempt.taken < batch.length) observe('dropped', batch.length - attempt.taken);
      return;
    }
    if (this.#failures === 0) logger.warn('Traces cannot be exported', { reason: attempt.reason });
    this.#failures += 1;
    const { backoffMs, longestBackoffMs } = tracingLimits;
    const wait = attempt.afterMs ?? backoffMs * 2 ** (this.#failures - 1) * (0.5 + clock.random() / 2);
    this.#quietUntil = clock.monotonic() + Math.min(longestBackoffMs, wait);
    const kept = attempt.again ? batch.slice(0, Math.max(0, tracingLimits.waiting - this.#waiting.length)) : [];
    this.#waiting = [...kept, ...this.#waiting];
    if (kept.length < batch.length) observe('dropped', batch.length - kept.length);
  }

  async #send(batch: readonly Span[]): Promise<Attempt> {
    const { network, url, resource, clock } = this.#options;
    try {
      const answer = await network.request({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(encodeSpans(batch, resource)),
        idempotent: false,
        limits: { connectMs: tracingLimits.connectMs, headersMs: tracingLimits.answerMs },
        signal: this.#closing.signal,
      });
      const { status } = answer;
      if (status >= 200 && status < 300) return { taken: batch.length - (await rejectedOf(answer)) };
      answer.discard();
      const afterMs = parseRetryAfter(answer.headers.get('retry-after'), clock.now());
      const failure = { reason: `the collector answered ${status}`, again: passing.has(status) };
      return afterMs === undefined ? failure : { ...failure, afterMs };
    } catch (error) {
      // What else is thrown is an abort, or a flaw; neither may end the requests that are traced.
      return { reason: errorMessage(error), again: isNetError(error) };
    }
  }
}

/** How many spans a collector that took the others says it rejected (OTLP 1.10, "Partial Success"); an answer that cannot be read says none. */
async function rejectedOf(answer: NetworkResponse): Promise<number> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body) {
      length += chunk.length;
      if (length > tracingLimits.answerBytes) {
        answer.discard();
        return 0;
      }
      chunks.push(chunk);
    }
    const body = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly partialSuccess?: { readonly rejectedSpans?: string | number };
    };
    const rejected = Number(body.partialSuccess?.rejectedSpans ?? 0);
    return Number.isSafeInteger(rejected) && rejected > 0 ? Math.min(rejected, tracingLimits.batch) : 0;
  } catch {
    return 0;
  }
}
