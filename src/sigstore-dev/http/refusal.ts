import { refusalStatus, type RefusalCode, type RefusedError } from '../error.ts';
import { type DevAnswer, jsonAnswer } from './message.ts';

/** The numbers of gRPC that its gateway puts into a refusal (google.rpc.Code). */
const grpcCode: Readonly<Record<RefusalCode, number>> = {
  REQUEST_INVALID: 3,
  UNAUTHENTICATED: 16,
  NOT_FOUND: 5,
  METHOD_UNKNOWN: 12,
  CONFLICT: 6,
  TOO_LARGE: 8,
};

/** A refusal as Fulcio and Rekor v2 word it. */
export function grpcRefusal({ code, message }: RefusedError): DevAnswer {
  return jsonAnswer(refusalStatus[code], { code: grpcCode[code], message, details: [] });
}

/** A refusal as Rekor v1 and the timestamp authority word it (their `Error` model). */
export function codedRefusal({ code, message }: RefusedError): DevAnswer {
  return jsonAnswer(refusalStatus[code], { code: refusalStatus[code], message });
}

/** A refusal as OAuth words it (RFC 6749, 5.2). */
export function oauthRefusal({ code, message }: RefusedError): DevAnswer {
  const error = code === 'UNAUTHENTICATED' ? 'invalid_client' : 'invalid_request';
  return jsonAnswer(refusalStatus[code], { error, error_description: message });
}
