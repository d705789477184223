import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { RegistryAccess } from '../../resource/policy.ts';
import type { ImageAttestor, ImageValidatingSpec } from '../document/image-validating-policy/model.ts';
import type { Translation } from './translation.ts';

/** Names in Kubernetes, with the namespace before them or without. */
const secretName = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;

/**
 * How a policy says that registries are to be reached. A secret without a namespace is in that of Kyverno, or in that of a namespaced
 * policy, which may name no other.
 */
export function registryAccessOf(
  { allowInsecureRegistry, providers = [], secrets = [] }: NonNullable<ImageValidatingSpec['credentials']>,
  path: ConfigPath,
  { settings, namespace, findings }: Translation,
): RegistryAccess {
  const home = namespace ?? settings.namespace;
  const named = secrets.map((text, at) => {
    const own = [...path, 'secrets', at];
    if (!secretName.test(text)) {
      findings.push({
        path: own,
        sentence: `is "${printable(text)}", which names no secret; write NAME or NAMESPACE/NAME`,
      });
    } else if (namespace !== undefined && text.includes('/') && !text.startsWith(`${namespace}/`)) {
      findings.push({ path: own, sentence: `is in another namespace than the policy, which is in ${namespace}` });
    }
    return text.includes('/') ? text : `${home}/${text}`;
  });
  return { plainHttp: allowInsecureRegistry === true, secrets: named, providers };
}

/** Names of the Secrets in an object's namespace by which an attestor's signatures are read. */
export function pullSecretsOf(
  { cosign }: ImageAttestor,
  path: ConfigPath,
  { findings }: Translation,
): readonly string[] {
  return (cosign?.source?.PullSecrets ?? []).flatMap(({ name = '' }, at) => {
    if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name)) return [name];
    findings.push({ path: [...path, 'cosign', 'source', 'PullSecrets', at, 'name'], sentence: 'names no Secret' });
    return [];
  });
}
