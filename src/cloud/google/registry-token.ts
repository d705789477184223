import type { AccessToken } from '../access-token.ts';
import type { RegistryToken } from '../registry-token.ts';

/** What tokens for registries are asked for; what they may do there is what the account may. */
export const googleScope = 'https://www.googleapis.com/auth/cloud-platform';

/** An access token in place of a password (Artifact Registry documentation, "Set up authentication for Docker"). */
export function googleToken({ token, expiresAt }: AccessToken): RegistryToken {
  return { username: 'oauth2accesstoken', password: token, expiresAt };
}
