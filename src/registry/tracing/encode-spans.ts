import type { Span, SpanAttributes } from './span.ts';

/** Who sends spans. */
export interface TraceResource {
  readonly version: string;
  /** Of this process. */
  readonly instance: string;
}

/** Numbers of the protocol's enums: `SPAN_KIND_SERVER`, `STATUS_CODE_ERROR`. */
const serverKind = 2;
const errorStatus = 2;

/**
 * Writes spans as the body of an export request (OTLP 1.10, "JSON Protobuf Encoding"): ids in hex, numbers of 64 bits as texts, enums as
 * numbers.
 */
export function encodeSpans(spans: readonly Span[], { version, instance }: TraceResource): string {
  const resource = {
    attributes: attributesOf({
      'service.name': 'seaworthy-registry',
      'service.version': version,
      'service.instance.id': instance,
    }),
  };
  const scope = { name: 'seaworthy', version };
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope, spans: spans.map(encodeSpan) }] }] });
}

function encodeSpan({ context, spanId, traceState, name, start, end, attributes, failed }: Span): object {
  const { traceId, parentId } = context;
  return {
    traceId,
    spanId,
    ...(parentId === undefined ? {} : { parentSpanId: parentId }),
    ...(traceState === undefined ? {} : { traceState }),
    name,
    kind: serverKind,
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributesOf(attributes),
    ...(failed ? { status: { code: errorStatus } } : {}),
  };
}

function attributesOf(attributes: SpanAttributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

/** Milliseconds as a text of nanoseconds: these are beyond what a number holds. */
function nanoseconds(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}000`;
}
