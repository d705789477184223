/** What proves who asks, for one registry. */
export type Credential =
  | {
      readonly kind: 'password';
      readonly username: string;
      readonly password: string;
      /** Milliseconds since 1970 after which it is looked up anew; never when left out. */
      readonly staleAt?: number;
    }
  /** An OAuth2 refresh token, exchanged for access tokens at the registry's token service. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** An access token, sent to the registry as it is. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** Finds credentials. */
export interface Keychain {
  /**
   * What is known for a repository of a registry; undefined when nothing is.
   *
   * @throws OciError CREDENTIALS_UNREADABLE when a place that may hold some cannot be read, CREDENTIALS_UNAVAILABLE when there should be
   * some and are none, in which case what anybody may have can still be had
   */
  find(registry: string, repository: string, signal?: AbortSignal): Promise<Credential | undefined>;
}

/** The secret parts of a credential: what no message may hold. */
export function secretsOf(credential: Credential | undefined): readonly string[] {
  if (credential === undefined) return [];
  if (credential.kind !== 'password') return [credential.token];
  const { username, password } = credential;
  return [password, Buffer.from(`${username}:${password}`).toString('base64')];
}

/** The `Authorization` value of the Basic scheme (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
