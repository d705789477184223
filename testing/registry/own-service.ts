import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { type Clock, systemClock } from '../../src/net/clock.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { checkConfig } from '../../src/registry/config/check-config.ts';
import type { RegistryConfig } from '../../src/registry/config/model.ts';
import { type RegistryService, startService } from '../../src/registry/service/start-service.ts';
import type { TemporaryDirectory } from '../image/temporary-directory.ts';
import { digestOfText } from './own-registry.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';

/** The configuration that a text stands for, in a folder for all that it names; fails with its mistakes. */
export async function serviceConfig(folder: TemporaryDirectory, text: string): Promise<RegistryConfig> {
  const surroundings = { dataFolder: join(folder.path, 'data'), now: Date.now() };
  const { config, mistakes } = await checkConfig(text, join(folder.path, 'seaworthy.yaml'), surroundings);
  assert.deepEqual(mistakes, undefined);
  assert.ok(config);
  return config;
}

/** What a service is started with besides its configuration. */
export interface OwnServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Starts the registry that a configuration describes, as the command does. */
export async function startOwnService(
  config: RegistryConfig,
  { env = {}, clock = systemClock, logger = silentLogger }: OwnServiceOptions = {},
): Promise<RegistryService> {
  return startService(config, { env, network: openNetwork(), clock, logger, version: '1.2.3', cores: 2 });
}

/** A clock that can be put forward, and that waits for nothing but long times. */
export interface HastyClock extends Clock {
  /** Milliseconds. */
  ahead: number;
}

/** Makes one. Waits of up to ten seconds, such as between two looks for jobs, take a moment; longer ones, such as limits, are as they are. */
export function hastyClock(): HastyClock {
  const clock: HastyClock = {
    ...systemClock,
    ahead: 0,
    now: () => Date.now() + clock.ahead,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds > 10_000 ? milliseconds : 10, signal),
  };
  return clock;
}

/** How to ask a service. */
export interface ServiceRequest {
  /** `name:password` */
  readonly user?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks for a whole path. */
export async function askService(
  url: string,
  method: string,
  path: string,
  { user, headers = {}, body }: ServiceRequest = {},
): Promise<Response> {
  const login = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...login, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  return response;
}

/** Pushes a small image whose config is made of `content`, and gives the status of the manifest's answer. */
export async function pushImage(
  url: string,
  repository: string,
  tag: string,
  content: string,
  { user, headers }: Pick<ServiceRequest, 'user' | 'headers'> = {},
): Promise<number> {
  const config = JSON.stringify({ of: content });
  const digest = digestOfText(config);
  await askService(url, 'POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { user, body: config });
  const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length };
  const body = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: descriptor, layers: [] });
  const asked = { user, headers: { 'content-type': imageType, ...headers }, body };
  return (await askService(url, 'PUT', `/v2/${repository}/manifests/${tag}`, asked)).status;
}
