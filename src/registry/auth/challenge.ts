import { type Access, formatAccess } from './access.ts';
import { RegistryAuthError } from './error.ts';

/** Why a bearer token was not enough (RFC 6750, 3.1). */
export type ChallengeError = 'invalid_token' | 'insufficient_scope';

/** What a client must know to get a token (distribution, spec/auth/token.md). */
export interface BearerChallenge {
  /** Address of the token service: `https:`, or `http:` where the registry itself is plain. */
  readonly realm: URL;
  /** The name of this registry, as tokens have it in `aud`. */
  readonly service: string;
  /** What the request needs. */
  readonly access?: readonly Access[];
  readonly error?: ChallengeError;
}

/**
 * The value of `WWW-Authenticate` that sends a client to a token service.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID for a realm that no client should follow
 */
export function bearerChallenge({ realm, service, access = [], error }: BearerChallenge): string {
  if (!/^https?:$/.test(realm.protocol) || realm.username !== '' || realm.password !== '' || realm.hash !== '') {
    throw new RegistryAuthError(
      'AUTH_SETTING_INVALID',
      'The address of the token service cannot be announced; write it as https://HOST/PATH without a user',
    );
  }
  const parameters: (readonly [string, string])[] = [
    ['realm', realm.href],
    ['service', service],
  ];
  if (access.length > 0) parameters.push(['scope', access.map(formatAccess).join(' ')]);
  if (error !== undefined) parameters.push(['error', error]);
  return `Bearer ${parameters.map(([name, value]) => `${name}=${quote(value)}`).join(',')}`;
}

/** The value of `WWW-Authenticate` that asks for a user and a password (RFC 7617, 2 and 2.1). */
export function basicChallenge(realm: string): string {
  return `Basic realm=${quote(realm)}, charset="UTF-8"`;
}

/** A quoted string (RFC 9110, 5.6.4) of visible ASCII: whatever could end the header, or the string, is left out or escaped. */
function quote(text: string): string {
  return `"${text.replaceAll(/[^ -~]/g, '').replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
