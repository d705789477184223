import type { RegistryClient } from './registry-client.ts';

/** One repository of one registry. */
export interface RemoteRepository {
  readonly client: RegistryClient;
  /** The path in the registry: `library/nginx`. */
  readonly repository: string;
}

/** A repository as a person writes it, with its registry. */
export function repositoryName({ client, repository }: RemoteRepository): string {
  return `${client.registry}/${repository}`;
}
