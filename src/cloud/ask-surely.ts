import type { Network } from '../net/network.ts';
import type { JsonObject } from '../oci/json.ts';
import { askJson, expectOk, type JsonQuestion } from './ask-json.ts';

/** A question of which nothing but a success is of use, and which may be asked twice. */
export interface SureQuestion extends Omit<JsonQuestion, 'idempotent' | 'signal' | 'body'> {
  readonly body?: JsonQuestion['body'] | undefined;
}

/**
 * Asks an API, and gives what a success holds.
 *
 * @param what the service was to do, for messages: `sign`
 * @throws CloudError, or the signal's reason
 */
export async function askSurely(
  { network, signal }: { readonly network: Network; readonly signal?: AbortSignal | undefined },
  { body, ...question }: SureQuestion,
  what: string,
): Promise<JsonObject> {
  const asked = { ...question, ...(body === undefined ? {} : { body }), idempotent: true, signal };
  return expectOk(await askJson(network, asked), question.service, what);
}
