import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { RegistryAccess } from '../../resource/policy.ts';
import type { RegistryCredentials } from '../document/verification/model.ts';
import type { RuleCompiler } from '../rule/compiler.ts';

/**
 * How a rule says that registries are to be reached. A secret without a namespace is in that of Kyverno; a policy of a namespace names
 * secrets of its own alone, since whoever writes it may be trusted with no others.
 */
export function registryAccess(
  { allowInsecureRegistry = false, providers = [], secrets = [] }: RegistryCredentials = {},
  path: ConfigPath,
  compiler: RuleCompiler,
): RegistryAccess {
  const own = compiler.namespace;
  for (const [at, each] of secrets.entries()) {
    const [namespace] = each.split('/');
    if (own === undefined || !each.includes('/') || namespace === own) continue;
    compiler.mistake([...path, 'secrets', at], `is of another namespace than the policy's, ${own}`);
  }
  return {
    plainHttp: allowInsecureRegistry,
    secrets: secrets.map((each) => (each.includes('/') ? each : `${compiler.tools.settings.namespace}/${each}`)),
    providers,
  };
}
