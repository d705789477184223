import type { CloudKeychains } from '../../cloud/keychains.ts';
import type { Credential, Keychain } from '../../oci/client/credential.ts';
import type { PullAccess } from './pull-access.ts';

/** Where credentials for registries come from. */
export interface CredentialSources {
  /**
   * The credentials in a Secret, `namespace/name`; undefined for one that is not there.
   *
   * @throws what says that it could not be looked at
   */
  secret(name: string, signal: AbortSignal | undefined): Promise<Keychain | undefined>;
  /** Secrets that count for all images, `namespace/name`, in order. */
  readonly globalSecrets: readonly string[];
  /** Clouds that count for all images. */
  readonly globalProviders: readonly string[];
  /** What the machine itself has. */
  readonly machine: Keychain;
  /** What this process is at clouds. */
  readonly clouds: Pick<CloudKeychains, 'of'>;
}

/**
 * The credentials for an image, in the order in which they are asked: what its policy names, what its pod and the pod's service account
 * name, what counts for all, clouds, and what the machine has. Each is for the registries that it says, and is shown to no other.
 *
 * A Secret that cannot be read is passed over as long as another has what is wanted; where none has, it is what is told.
 */
export function accessKeychain(access: PullAccess, sources: CredentialSources): Keychain {
  const { globalSecrets, globalProviders, machine, clouds } = sources;
  const secrets = [...new Set([...access.secrets, ...access.podSecrets, ...globalSecrets])];
  // What a process is at a cloud never goes over a connection that anybody may read.
  const providers = access.plainHttp ? [] : [...new Set([...access.providers, ...globalProviders])];
  return {
    async find(registry, repository, signal) {
      const failures: unknown[] = [];
      const attempt = async (look: () => Promise<Credential | undefined>): Promise<Credential | undefined> => {
        try {
          return await look();
        } catch (error) {
          signal?.throwIfAborted();
          failures.push(error);
          return undefined;
        }
      };
      for (const name of secrets) {
        const found = await attempt(async () =>
          (await sources.secret(name, signal))?.find(registry, repository, signal),
        );
        if (found !== undefined) return found;
      }
      for (const name of providers) {
        const found = await attempt(() => clouds.of(name).find(registry, repository, signal));
        if (found !== undefined) return found;
      }
      const found = await attempt(() => machine.find(registry, repository, signal));
      if (found === undefined && failures.length > 0) throw failures[0];
      return found;
    },
  };
}
