import { parseStrictJson } from '../../codec/json/parse.ts';
import { AdmissionError } from '../error.ts';
import { gatekeeperLimits } from './limits.ts';

/** What Gatekeeper asks a provider (externaldata.gatekeeper.sh, ProviderRequest). */
export interface ProviderRequest {
  /** The version that the answer is to have as well. */
  readonly apiVersion: string;
  readonly keys: readonly string[];
}

/** Versions of requests that are answered, in the same version; the first is what Gatekeeper itself speaks. */
export const providerVersions = ['externaldata.gatekeeper.sh/v1beta1', 'externaldata.gatekeeper.sh/v1alpha1'] as const;

/** Reads a request. @throws AdmissionError REVIEW_MALFORMED, REVIEW_UNSUPPORTED, REVIEW_TOO_LARGE */
export function parseProviderRequest(bytes: Uint8Array): ProviderRequest {
  if (bytes.byteLength > gatekeeperLimits.requestBytes)
    throw tooLarge(`more than ${gatekeeperLimits.requestBytes} bytes`);
  const { apiVersion, kind, request } = objectOf(parse(bytes));
  if (typeof apiVersion !== 'string' || kind !== 'ProviderRequest') throw malformed('it is no ProviderRequest');
  if (!(providerVersions as readonly string[]).includes(apiVersion)) {
    throw new AdmissionError(
      'REVIEW_UNSUPPORTED',
      `A request of ${JSON.stringify(apiVersion.slice(0, 100))} is not answered here; use ${providerVersions[0]}`,
    );
  }
  const { keys } = objectOf(request);
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) throw malformed('its keys are no texts');
  if (keys.length > gatekeeperLimits.keys) throw tooLarge(`more than ${gatekeeperLimits.keys} keys`);
  return { apiVersion, keys };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch (cause) {
    throw malformed('it is no JSON', cause);
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function malformed(why: string, cause?: unknown): AdmissionError {
  const sentence = `The request cannot be read: ${why}; it must be one of Gatekeeper to an external data provider`;
  return new AdmissionError('REVIEW_MALFORMED', sentence, cause === undefined ? undefined : { cause });
}

function tooLarge(what: string): AdmissionError {
  return new AdmissionError('REVIEW_TOO_LARGE', `The request has ${what}; ask about fewer images at a time`);
}
