import { boundAuditAnnotations, boundMessage, boundWarnings } from './bound-text.ts';
import type { JsonPatch } from './json-patch.ts';

/**
 * Statuses that a denial can have, and what Kubernetes calls each (apimachinery, `StatusReason`). None is a timeout: controllers take
 * that for an object that may be there.
 */
const reasonOfCode = {
  403: 'Forbidden',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
} as const;

/** The status of a denial: what the API server's client gets as its own status. */
export type DenialCode = keyof typeof reasonOfCode;

/** What came of a review. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  /** Of a denial: what whoever asked reads; may have several lines. */
  readonly reason?: string;
  /** Of a denial; 403 unless said otherwise. */
  readonly code?: DenialCode;
  /** Shown to whoever asked, allowed or not; one line each. */
  readonly warnings: readonly string[];
  /** Of an allowance of a mutating webhook. */
  readonly patch?: JsonPatch;
  /** By name, without the webhook's own, which API servers put before it. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Lets everything through, and says nothing. */
export const plainAllowance: ReviewAnswer = { allowed: true, warnings: [], auditAnnotations: {} };

/** A denial, and why. */
export function denialOf(reason: string, more: Partial<Omit<ReviewAnswer, 'allowed' | 'reason'>> = {}): ReviewAnswer {
  return { warnings: [], auditAnnotations: {}, ...more, allowed: false, reason };
}

/**
 * An AdmissionReview that answers one (Kubernetes, admission.k8s.io/v1, AdmissionResponse). A denial is an answer like any other, with
 * HTTP status 200; its patch, where it has one, is nobody's to apply.
 */
export function encodeAnswer(uid: string, answer: ReviewAnswer): Buffer {
  const { allowed, patch = [] } = answer;
  const warnings = boundWarnings(answer.warnings);
  const auditAnnotations = boundAuditAnnotations(answer.auditAnnotations);
  const response = {
    uid,
    allowed,
    ...(allowed ? {} : { status: statusOf(answer) }),
    ...(allowed && patch.length > 0 ? { patchType: 'JSONPatch', patch: base64Of(patch) } : {}),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(auditAnnotations === undefined ? {} : { auditAnnotations }),
  };
  return Buffer.from(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }));
}

function statusOf({ reason, code = 403 }: ReviewAnswer): object {
  const message = boundMessage(reason ?? 'The object is not allowed');
  return { status: 'Failure', message, reason: reasonOfCode[code], code };
}

function base64Of(patch: JsonPatch): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}
