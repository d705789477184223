import type { Network } from '../../net/network.ts';
import { SigningError } from '../error.ts';
import { askService, type ServiceAnswer } from '../service.ts';
import { logLimits } from './limits.ts';

/** A log to ask, and through what. */
export interface LogService {
  readonly network: Network;
  /** As the signing config has it; a path in it is kept. */
  readonly baseUrl: string;
  readonly signal?: AbortSignal | undefined;
}

/** One question to a log. */
export interface LogQuestion {
  /** Below the base URL, without a slash in front. */
  readonly path: string;
  /** Sent by POST; without it the question is a GET. */
  readonly json?: unknown;
  /** Statuses that are answers; all others are errors. */
  readonly accepted: readonly number[];
}

/**
 * Asks a log. The same entry sent twice is one entry, so a question may be repeated where the network's table says so.
 *
 * @throws SigningError SERVICE_UNAVAILABLE, SERVICE_REFUSED, SERVICE_PROTOCOL; NetError for what the user forbade
 */
export async function askLog(
  { network, baseUrl, signal }: LogService,
  { path, json, accepted }: LogQuestion,
): Promise<ServiceAnswer> {
  const url = URL.parse(`${baseUrl.replace(/\/+$/, '')}/${path}`);
  if (url === null) throw new SigningError('SIGNING_CONFIG_INVALID', 'The address of the log is no URL');
  return await askService(
    network,
    {
      name: 'the log',
      method: json === undefined ? 'GET' : 'POST',
      url,
      headers: { accept: 'application/json', ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(json === undefined ? {} : { body: Buffer.from(JSON.stringify(json)) }),
      idempotent: true,
      answers: accepted,
      answerMs: logLimits.answerMs,
    },
    signal,
  );
}

/** The error of an answer that keeps no contract. */
export function brokenContract(baseUrl: string, what: string, options?: ErrorOptions): SigningError {
  const host = URL.parse(baseUrl)?.host ?? 'The log';
  return new SigningError('SERVICE_PROTOCOL', `The log ${host} ${what}; check that this is its address`, options);
}
