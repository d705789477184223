import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/net/clock.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { checkConfig } from '../../src/registry/config/check-config.ts';
import { formatMistake } from '../../src/codec/yaml/mistake.ts';
import { type RegistryService, startService } from '../../src/registry/service/start-service.ts';
import type { OwnAnswer, OwnRequest } from './own-registry.ts';

/** How to start a service. */
export interface TestServiceOptions {
  /** Where its data lies, unless the settings say otherwise. */
  readonly folder: string;
  /** The lines below `registry:`, without their indentation; it listens on a free port of loopback. */
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
}

/** A registry as `registry serve` starts it. */
export interface TestService extends AsyncDisposable {
  readonly service: RegistryService;
  /** Asks for a path, which begins with a slash. */
  ask(method: string, path: string, request?: OwnRequest): Promise<OwnAnswer>;
}

/** Starts one with all that a configuration brings: its stores, jobs, audit trail. */
export async function startTestService(options: TestServiceOptions): Promise<TestService> {
  const { folder, settings = [], env = {}, logger = silentLogger } = options;
  const text = ['registry:', ...['listen: 127.0.0.1:0', ...settings].map((line) => `  ${line}`), ''].join('\n');
  const surroundings = { dataFolder: join(folder, 'data'), now: Date.now(), env };
  const { config, mistakes = [] } = await checkConfig(text, join(folder, 'seaworthy.yaml'), surroundings);
  assert.ok(config !== undefined, mistakes.map((mistake) => formatMistake('settings', mistake)).join('\n'));
  await using opened = new AsyncDisposableStack();
  const network = opened.use(openNetwork({ logger, widthPerHost: 256 }));
  const shared = { env, network, clock: systemClock, logger, version: '0.0.0', cores: 1 };
  const service = opened.use(await startService(config, shared));
  const kept = opened.move();

  async function ask(method: string, path: string, { headers = {}, body }: OwnRequest = {}): Promise<OwnAnswer> {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const json = (): unknown => JSON.parse(bytes.toString());
    return { status: response.status, headers: response.headers, body: bytes, json };
  }

  return { service, ask, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
