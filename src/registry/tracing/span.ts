import type { IncomingMessage } from 'node:http';
import { printable } from '../../base/printable.ts';
import { clientOrigin } from '../http/client-origin.ts';
import { tracingLimits } from './limits.ts';
import { newSpanId, type TraceContext } from './trace-context.ts';

/** What a span tells, by the names of the semantic conventions. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** One request as a server's span. */
export interface Span {
  readonly context: TraceContext;
  readonly spanId: string;
  readonly traceState: string | undefined;
  readonly name: string;
  /** Milliseconds since 1970, with fractions. */
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  readonly failed: boolean;
}

/** A request that was answered. */
export interface TracedRequest {
  readonly request: IncomingMessage;
  readonly method: string;
  /** As a template, with braces for what differs; undefined for a path that is none. */
  readonly route: string | undefined;
  /** 499 for a client that went before its answer. */
  readonly status: number;
  readonly seconds: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Why it failed, as one of few words; undefined when that is not known. */
  readonly errorType: string | undefined;
}

/** Methods that the conventions know; all others are `_OTHER`. */
const methods: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
]);

/**
 * Makes the span of a request that ended (OpenTelemetry semantic conventions, "HTTP server span"). The query is left out, in which clients
 * may send what nobody should read.
 */
export function spanOf(traced: TracedRequest, context: TraceContext, end: number): Span {
  const { request, route, status, seconds } = traced;
  const method = methods.has(traced.method) ? traced.method : '_OTHER';
  const named = method === '_OTHER' ? 'HTTP' : method;
  const gone = status === 499;
  const failed = gone || status >= 500;
  const state = request.headers['tracestate'];
  return {
    context,
    spanId: newSpanId(),
    traceState:
      context.parentId !== undefined && typeof state === 'string' && state.length <= tracingLimits.text
        ? state
        : undefined,
    name: route === undefined ? named : `${named} ${route}`,
    start: end - seconds * 1000,
    end,
    attributes: {
      'http.request.method': method,
      ...(method === '_OTHER' ? { 'http.request.method_original': text(traced.method) } : {}),
      ...(route === undefined ? {} : { 'http.route': route }),
      ...(gone ? {} : { 'http.response.status_code': status }),
      ...(failed ? { 'error.type': traced.errorType ?? (gone ? 'client_gone' : String(status)) } : {}),
      ...(traced.receivedBytes > 0 ? { 'http.request.body.size': traced.receivedBytes } : {}),
      ...(traced.sentBytes > 0 ? { 'http.response.body.size': traced.sentBytes } : {}),
      ...senderOf(request),
    },
    failed,
  };
}

function senderOf(request: IncomingMessage): SpanAttributes {
  const { url = '', headers, httpVersion } = request;
  const origin = clientOrigin(request);
  const { host, 'user-agent': agent } = headers;
  const [, address, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(host ?? '') ?? [];
  const mark = url.indexOf('?');
  return {
    'url.scheme': origin.scheme,
    'url.path': text(mark < 0 ? url : url.slice(0, mark)),
    'network.protocol.version': httpVersion,
    ...(address === undefined || address === '' ? {} : { 'server.address': text(address) }),
    ...(port === undefined ? {} : { 'server.port': Number(port) }),
    ...(origin.address === undefined ? {} : { 'client.address': origin.address }),
    ...(agent === undefined ? {} : { 'user_agent.original': text(agent) }),
  };
}

function text(value: string): string {
  return printable(value, tracingLimits.text);
}
