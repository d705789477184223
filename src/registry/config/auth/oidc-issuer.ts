import type { OidcIssuer } from '../../auth/oidc/authenticator.ts';
import type { OidcConfig } from './model.ts';

/** An issuer as the authenticator has it. */
export function oidcIssuer({ issuer, audience, claims, name, groups, keysFile }: OidcConfig): OidcIssuer {
  return {
    issuer,
    audiences: audience,
    rules: [{ claims, name, ...(groups === undefined ? {} : { groups: [`{${groups}}`] }) }],
    ...(keysFile === undefined ? {} : { keys: { kind: 'file', at: keysFile } as const }),
  };
}
