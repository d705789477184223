import { oneLine } from '../../base/one-line.ts';
import { readErrorBody } from '../../net/error-body.ts';
import { isNetError, type NetErrorCode } from '../../net/error.ts';
import type { NetworkResponse } from '../../net/network.ts';
import { redactText } from '../../net/redact.ts';
import { OciError, type OciErrorCode } from '../error.ts';
import { asText, parseJsonObject } from '../json.ts';
import { clientLimits } from './limits.ts';

/** What was asked for: the same status means different things. */
export interface RegistryQuestion {
  readonly host: string;
  readonly kind: 'manifest' | 'blob' | 'upload' | 'list' | 'deletion' | 'token';
  /** What a person calls it: a reference or a digest. */
  readonly name: string;
  /** Whether credentials were sent. */
  readonly identified: boolean;
  readonly secrets: readonly string[];
}

/** The registry's own codes that tell more than the status they come with (OCI distribution-spec, "Error Codes"). */
const notFoundCodes = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'BLOB_UNKNOWN', 'NOT_FOUND']);

/** Network failures, as seen from an image. Those not listed tell a person more than any of our words. */
const networkFailures: Readonly<Partial<Record<NetErrorCode, OciErrorCode>>> = {
  UNRESOLVED: 'REGISTRY_UNAVAILABLE',
  REFUSED: 'REGISTRY_UNAVAILABLE',
  UNREACHABLE: 'REGISTRY_UNAVAILABLE',
  TIMEOUT: 'REGISTRY_UNAVAILABLE',
  RESET: 'REGISTRY_UNAVAILABLE',
  TOO_SLOW: 'REGISTRY_UNAVAILABLE',
  TLS: 'REGISTRY_UNAVAILABLE',
  NOT_TLS: 'REGISTRY_UNAVAILABLE',
  PROXY: 'REGISTRY_UNAVAILABLE',
  PROTOCOL: 'REGISTRY_PROTOCOL',
  REDIRECT: 'REGISTRY_PROTOCOL',
  TOO_LARGE: 'REGISTRY_PROTOCOL',
};

/**
 * Turns a network failure into an {@link OciError}. What the user decided (offline, no plain HTTP) and aborts pass as
 * they are.
 */
export function registryFailure(error: unknown): unknown {
  if (!isNetError(error)) return error;
  const code = networkFailures[error.code];
  return code === undefined
    ? error
    : new OciError(code, `The registry cannot be read: ${error.message}`, { cause: error });
}

/** Turns an answer that is no success into an error that keeps the registry's own words, made harmless. */
export async function registryError(response: NetworkResponse, question: RegistryQuestion): Promise<OciError> {
  const { status } = response;
  const { code, text } = readProblem(await readErrorBody(response, clientLimits));
  const said = clean(text, question.secrets);
  const tail = said === '' ? '' : `; it says "${said}"`;
  const answered = `${question.host} answered ${status} for ${question.name}${tail}`;
  const kind = classify(status, code, question);
  return new OciError(kind, `${answered}; ${advice(kind, question)}`);
}

function classify(status: number, code: string, { kind }: RegistryQuestion): OciErrorCode {
  if (kind === 'deletion' && (status === 405 || status === 501 || code === 'UNSUPPORTED')) return 'DELETE_UNSUPPORTED';
  if (status === 429 || code === 'TOOMANYREQUESTS') return 'RATE_LIMITED';
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 404 || (status >= 400 && status < 500 && notFoundCodes.has(code))) {
    if (kind === 'manifest') return 'IMAGE_NOT_FOUND';
    return kind === 'blob' ? 'BLOB_UNKNOWN' : 'REGISTRY_PROTOCOL';
  }
  if (status === 403) return 'DENIED';
  return status === 408 || status >= 500 ? 'REGISTRY_UNAVAILABLE' : 'REGISTRY_PROTOCOL';
}

function advice(code: OciErrorCode, { identified }: RegistryQuestion): string {
  switch (code) {
    case 'RATE_LIMITED':
      return identified ? 'wait, or use a mirror' : 'wait, log in, or use a mirror';
    case 'UNAUTHORIZED':
      // Registries hide what there is from whoever may not see it, so a misspelt name looks the same.
      return identified
        ? 'check the credentials and the name: unknown images are often answered so'
        : 'log in, and check the name: unknown images are often answered so';
    case 'DENIED':
      return 'check that this user may do that and that the name is right';
    case 'IMAGE_NOT_FOUND':
      return 'check the name and the tag';
    case 'BLOB_UNKNOWN':
      return 'the registry lacks a part of this image; push it again';
    case 'REGISTRY_UNAVAILABLE':
      return 'try again later';
    case 'DELETE_UNSUPPORTED':
      return 'delete it with the tools of the registry';
    default:
      return 'check that this is the address of a registry';
  }
}

/** The first error that a body tells of, in the registry's own words; empty texts for other bodies. */
export function readProblem(body: Buffer): { readonly code: string; readonly text: string } {
  try {
    const document = parseJsonObject(body, () => new Error('not JSON'));
    const errors = Array.isArray(document.errors) ? (document.errors as unknown[]) : [];
    const first = (errors[0] ?? {}) as { readonly code?: unknown; readonly message?: unknown };
    const texts = [asText(first.message), asText(document.details), asText(document.message), asText(document.error)];
    return { code: asText(first.code) ?? '', text: texts.find((text) => text !== undefined) ?? '' };
  } catch {
    const text = body.toString('utf8');
    // A proxy's or a gateway's web page says nothing that fits a sentence.
    return { code: '', text: text.trimStart().startsWith('<') ? '' : text };
  }
}

/** A registry's own text, fit for one line of a terminal: no control or direction characters, no secrets, not long. */
function clean(text: string, secrets: readonly string[]): string {
  return oneLine(redactText(text, secrets).replaceAll('"', ' '), clientLimits.errorTextLength);
}
