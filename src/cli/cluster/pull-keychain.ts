import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../net/clock.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { fileKeychain } from '../../oci/client/keychain/file-keychain.ts';
import { OciError } from '../../oci/error.ts';
import { accessKeychain, type CredentialSources } from '../../workload/credentials/access-keychain.ts';
import { clusterSecrets } from '../../workload/credentials/cluster-secrets.ts';
import { WorkloadError } from '../../workload/error.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import { cloudKeychain } from '../cloud-keychain.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';

/**
 * The credentials with which the images of workloads are read, in the order of admission: pull secrets, then what other tools stored on
 * this machine, and at last what it is at a cloud. Each is shown to the registry that it is for, and to no other; what a user types for one
 * registry is therefore no part of it.
 *
 * @param client reads Secrets; undefined where none are to be read
 */
export function pullKeychains(
  client: Pick<KubernetesClient, 'get'> | undefined,
  settings: Settings,
  host: Host,
  clock: Clock,
): (access: PullAccess) => Keychain {
  const stored = fileKeychain({ environment: host.env, home: host.home });
  const cloud = cloudKeychain(settings, host);
  const sources: CredentialSources = {
    secret: client === undefined ? () => Promise.resolve(undefined) : clusterSecrets(client, clock),
    globalSecrets: [],
    globalProviders: [],
    machine: {
      find: async (registry, repository, signal) =>
        (await stored.find(registry, repository, signal)) ?? (await cloud.find(registry, repository, signal)),
    },
    clouds: { of: () => cloud },
  };
  return (access) => {
    const keychain = accessKeychain(access, sources);
    return {
      async find(registry, repository, signal) {
        try {
          return await keychain.find(registry, repository, signal);
        } catch (cause) {
          if (!(cause instanceof WorkloadError)) throw cause;
          // What anybody may have can be had without: a Secret that may not be read must not stand before public images.
          throw new OciError('CREDENTIALS_UNAVAILABLE', cause.message, { cause });
        }
      },
    };
  };
}
