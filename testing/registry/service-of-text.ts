import { join } from 'node:path';
import { silentLogger, type Logger } from '../../src/base/logger.ts';
import { type Clock, systemClock } from '../../src/net/clock.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { checkConfig } from '../../src/registry/config/check-config.ts';
import { formatMistake } from '../../src/codec/yaml/mistake.ts';
import type { RegistryConfig } from '../../src/registry/config/model.ts';
import { type RegistryService, type ServiceOptions, startService } from '../../src/registry/service/start-service.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../image/temporary-directory.ts';

/** What came back, read whole. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How to ask. */
export interface ServiceRequest {
  /** `user:password` for Basic. */
  readonly user?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A registry as its configuration starts it, over a folder that goes with it. */
export interface ServiceOfText extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly folder: TemporaryDirectory;
  readonly service: RegistryService;
  /** Asks for a whole path. */
  ask(method: string, path: string, request?: ServiceRequest): Promise<ServiceAnswer>;
  /** Takes over another configuration. */
  apply(text: string): Promise<void>;
  metrics(): Promise<string>;
}

/** Starts one from the text of a settings file; `files` are written beside it. */
export async function startServiceOf(
  text: string,
  files: Readonly<Record<string, string>> = {},
  {
    logger = silentLogger,
    clock = systemClock,
    more = {},
  }: { readonly logger?: Logger; readonly clock?: Clock; readonly more?: Partial<ServiceOptions> } = {},
): Promise<ServiceOfText> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  for (const [name, content] of Object.entries(files)) folder.write(name, content);
  const network = opened.use(openNetwork());
  const shared = { env: {}, network, clock, logger, version: '0.0.0', cores: 2, ...more };
  const service = opened.use(await startService(await configOf(folder, text), shared));
  const kept = opened.move();
  return {
    url: service.url,
    host: new URL(service.url).host,
    folder,
    service,
    async ask(method, path, { user, headers = {}, body } = {}) {
      const login = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
      const sent = body === undefined ? {} : { body };
      const response = await fetch(`${service.url}${path}`, { method, headers: { ...login, ...headers }, ...sent });
      return { status: response.status, headers: response.headers, body: await response.text() };
    },
    apply: async (next) => service.apply(await configOf(folder, next)),
    async metrics() {
      return (await fetch(`${service.metricsUrl}/metrics`)).text();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function configOf(folder: TemporaryDirectory, text: string): Promise<RegistryConfig> {
  const surroundings = { dataFolder: join(folder.path, 'data'), now: Date.now(), env: {} };
  const { config, mistakes = [] } = await checkConfig(text, join(folder.path, 'seaworthy.yaml'), surroundings);
  if (config !== undefined) return config;
  throw new Error(mistakes.map((mistake) => formatMistake('seaworthy.yaml', mistake)).join('\n'));
}
