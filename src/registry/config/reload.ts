import { isDeepStrictEqual } from 'node:util';
import type { RegistryConfig } from './model.ts';
import { sectionNames, type SectionName } from './names.ts';

/** When a changed setting counts: at once, or when the registry is started again. */
export type ReloadKind = 'live' | 'restart';

/**
 * What can change while a registry runs. What is opened at the start (sockets, stores, processes) stays as it is; what is
 * looked at for each request or job is replaced.
 */
export const reloadTable: Readonly<Record<SectionName, ReloadKind>> = {
  listen: 'restart',
  url: 'live',
  proxies: 'live',
  tls: 'live',
  data: 'restart',
  storage: 'restart',
  database: 'restart',
  workers: 'restart',
  auth: 'live',
  permissions: 'live',
  tags: 'live',
  retention: 'live',
  quotas: 'live',
  gc: 'live',
  scrub: 'live',
  scanning: 'restart',
  uploads: 'live',
  limits: 'restart',
  delete: 'live',
  gate: 'live',
  audit: 'live',
  upstreams: 'live',
  webhooks: 'live',
  metrics: 'restart',
  tracing: 'restart',
  accept: 'live',
};

/** The settings that are different in a new configuration. */
export interface ConfigChange {
  readonly live: readonly SectionName[];
  /** Changed, and without effect until the next start. */
  readonly restart: readonly SectionName[];
}

/** What becomes of a running registry by a new configuration. */
export interface AppliedConfig {
  /** The new one, with what cannot change now as it was. */
  readonly config: RegistryConfig;
  readonly change: ConfigChange;
}

/** Compares a new configuration with the one in use, setting by setting, and takes what can be taken. */
export function applyConfig(current: RegistryConfig, next: RegistryConfig): AppliedConfig {
  const live: SectionName[] = [];
  const restart: SectionName[] = [];
  const taken: Partial<Record<SectionName, unknown>> = {};
  for (const name of sectionNames) {
    const changed = !isDeepStrictEqual(current[name], next[name]);
    const kept = changed && !isLive(name, current, next);
    if (changed) (kept ? restart : live).push(name);
    const value = (kept ? current : next)[name];
    if (value !== undefined) taken[name] = value;
  }
  return { config: taken as unknown as RegistryConfig, change: { live, restart } };
}

function isLive(name: SectionName, current: RegistryConfig, next: RegistryConfig): boolean {
  // A server that speaks TLS takes other certificates; it cannot begin or cease to speak it, nor to ask clients for theirs.
  if (name === 'tls' && (current.tls === undefined) !== (next.tls === undefined)) return false;
  if (name === 'tls' && (current.tls?.clientCaFile === undefined) !== (next.tls?.clientCaFile === undefined))
    return false;
  return reloadTable[name] === 'live';
}
