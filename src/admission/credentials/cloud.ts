import { askCredentialHelper } from '../../oci/client/keychain/credential-helper.ts';
import type { Keychain } from '../../oci/client/credential.ts';

/** A cloud whose registries are logged in to by a program of its own. */
interface Cloud {
  /** Of `docker-credential-NAME`. */
  readonly helper: string;
  /** Its registries, and no others: its credentials open all of them. The whole of a host must match. */
  readonly hosts: RegExp;
}

const clouds: Readonly<Record<string, Cloud>> = {
  amazon: {
    helper: 'ecr-login',
    hosts:
      /^(?:\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))|public\.ecr\.aws)$/,
  },
  google: { helper: 'gcr', hosts: /^(?:(?:[a-z]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev)$/ },
  azure: { helper: 'acr-env', hosts: /^[a-z0-9]{5,50}(?:-[a-z0-9]+)?\.azurecr\.(?:io|cn|de|us)$/ },
};

/**
 * The credentials of a cloud for its own registries, by the program that it has for that. Whoever else names their host like one of
 * them, such as `x.azurecr.io.evil.tld`, gets nothing (CVE-2025-27403).
 */
export function cloudKeychain(name: string, environment: Readonly<Record<string, string | undefined>>): Keychain {
  const cloud = Object.hasOwn(clouds, name) ? clouds[name] : undefined;
  return {
    async find(registry, _repository, signal) {
      if (cloud === undefined || !cloud.hosts.test(registry)) return undefined;
      return await askCredentialHelper(cloud.helper, registry, { environment, signal });
    },
  };
}
