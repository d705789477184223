import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { RegistryAccess } from '../../resource/policy.ts';
import type { RegistryCredentials } from '../document/verification/model.ts';
import { isOpen, type Translation } from './translation.ts';

/** Names in Kubernetes, with the namespace before them or without. */
const secretName = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * How an entry says that registries are to be reached. A secret without a namespace is in that of Kyverno.
 *
 * @param owner the namespace of the policy, whose secrets are not others'; undefined for a policy of the cluster
 */
export function registryAccessOf(
  { allowInsecureRegistry, providers = [], secrets = [] }: RegistryCredentials,
  path: ConfigPath,
  kyvernoNamespace: string,
  owner: string | undefined,
  translation: Translation,
): RegistryAccess {
  const named = secrets.map((text, at) => {
    const own = [...path, 'secrets', at];
    if (isOpen(text, translation, own)) return text;
    if (!secretName.test(text)) {
      const sentence = `is "${printable(text)}", which names no secret; write NAME or NAMESPACE/NAME`;
      translation.mistakes.push({ path: own, sentence });
      return text;
    }
    const whole = text.includes('/') ? text : `${kyvernoNamespace}/${text}`;
    if (owner !== undefined && text.includes('/') && !text.startsWith(`${owner}/`)) {
      translation.mistakes.push({
        path: own,
        sentence: `is in another namespace than the policy, which is in ${owner}`,
      });
    }
    return whole;
  });
  return { plainHttp: allowInsecureRegistry === true, secrets: named, providers };
}
