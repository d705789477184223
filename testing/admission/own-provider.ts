import { Registry } from 'prom-client';
import type { JudgeProviderKey, ProviderQuestion } from '../../src/admission/gatekeeper/answer.ts';
import { gatekeeperLimits } from '../../src/admission/gatekeeper/limits.ts';
import { ProviderMetrics } from '../../src/admission/gatekeeper/serve/metrics.ts';
import {
  openProviderServer,
  type ProviderServer,
  type ProviderServerParts,
  type ProviderSettings,
} from '../../src/admission/gatekeeper/serve/open-provider-server.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/net/clock.ts';
import { ownTls } from './own-server.ts';
import type { ClientAnswer, ReviewClient } from './review-client.ts';

/** A provider on loopback that closes at once, with its metrics. */
export async function openOwnProvider(
  judge: JudgeProviderKey,
  options: Partial<ProviderServerParts> & { readonly settings?: Partial<ProviderSettings> } = {},
): Promise<ProviderServer & { readonly registry: Registry }> {
  const { settings, ...parts } = options;
  const registry = new Registry();
  const { verifySeconds, mutateSeconds } = gatekeeperLimits;
  const server = await openProviderServer(
    { listen: { host: '127.0.0.1', port: 0 }, verifySeconds, mutateSeconds, ...settings },
    {
      judge,
      tls: ownTls(),
      metrics: new ProviderMetrics(registry),
      logger: silentLogger,
      clock: systemClock,
      ...parts,
      limits: { drainTime: 0, ...parts.limits },
    },
  );
  return Object.assign(server, { registry });
}

/** The version of Gatekeeper's own requests. */
export const providerVersion = 'externaldata.gatekeeper.sh/v1beta1';

/** The body of a request about images. */
export function providerRequest(keys: readonly string[], apiVersion: string = providerVersion): Buffer {
  return Buffer.from(JSON.stringify({ apiVersion, kind: 'ProviderRequest', request: { keys } }));
}

/** An answer as Gatekeeper reads it. */
export interface ProviderResponse {
  readonly apiVersion: string;
  readonly kind: string;
  readonly response: {
    readonly idempotent?: boolean;
    readonly items?: readonly { readonly key: string; readonly value: unknown; readonly error?: string }[];
    readonly systemError?: string;
  };
}

/** Reads the body of an answer, whatever its status. */
export function readProviderResponse({ body }: Pick<ClientAnswer, 'body'>): ProviderResponse['response'] {
  const { kind, response } = JSON.parse(body) as ProviderResponse;
  if (kind !== 'ProviderResponse') throw new Error(`it is no answer: ${body}`);
  return response;
}

/** Asks about images. */
export async function askProvider(
  client: ReviewClient,
  question: ProviderQuestion,
  ...keys: readonly string[]
): Promise<ProviderResponse['response']> {
  return readProviderResponse(await client.send({ path: `/gatekeeper/${question}`, body: providerRequest(keys) }));
}
