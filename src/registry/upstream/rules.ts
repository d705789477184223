import { compilePatterns, type NamePattern } from '../../base/name-pattern.ts';
import type { UpstreamConfig } from '../config/upstreams/model.ts';
import { RegistryError } from '../error.ts';

/** Which repositories of an upstream may be used. */
export interface UpstreamRules {
  /**
   * @param path the repository as the upstream names it
   * @throws RegistryError DENIED, with the rule that says so
   */
  check(path: string): void;
}

/** Compiles the patterns of an upstream: what `deny` names is refused, and what `allow` does not name where there is one. */
export function compileRules({ host, allow, deny }: Pick<UpstreamConfig, 'host' | 'allow' | 'deny'>): UpstreamRules {
  const allowed: readonly NamePattern[] | undefined = allow === undefined ? undefined : compilePatterns(allow);
  const denied = compilePatterns(deny);
  return {
    check(path) {
      const rule = denied.find((pattern) => pattern.matches(path));
      if (rule !== undefined) throw refused(host, path, `deny "${rule.text}" is about it`);
      if (allowed === undefined || allowed.some((pattern) => pattern.matches(path))) return;
      throw refused(host, path, 'no pattern of allow is about it');
    },
  };
}

function refused(host: string, path: string, why: string): RegistryError {
  const sentence = `${path} of ${host} is not fetched by this registry: in the settings of the upstream, ${why}`;
  return new RegistryError('DENIED', sentence, { detail: { upstream: host, repository: path } });
}
