import assert from 'node:assert/strict';
import { checkConfig, type ConfigSurroundings } from '../src/registry/config/check-config.ts';
import { formatMistake } from '../src/codec/yaml/mistake.ts';
import type { RegistryConfig } from '../src/registry/config/model.ts';

/** What tests check configurations with. */
export const configSurroundings: ConfigSurroundings = { dataFolder: '/srv/registry', now: Date.now() };

/** The configuration that a text stands for; fails with its mistakes. */
export async function configOf(text: string, file = '/etc/seaworthy.yaml'): Promise<RegistryConfig> {
  const { config, mistakes } = await checkConfig(text, file, configSurroundings);
  assert.ok(config !== undefined, mistakes?.map((mistake) => formatMistake('f', mistake)).join('\n'));
  return config;
}

/** The mistakes of a text, without the file's name: `line:column: path: sentence`. */
export async function mistakesOf(
  text: string,
  surroundings: Partial<ConfigSurroundings> = {},
  file = '/etc/seaworthy.yaml',
): Promise<string[]> {
  const { mistakes = [] } = await checkConfig(text, file, { ...configSurroundings, ...surroundings });
  return mistakes.map((mistake) => formatMistake('f', mistake).slice(2));
}
