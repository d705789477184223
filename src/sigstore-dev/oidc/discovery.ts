import { type DevAnswer, jsonAnswer } from '../http/message.ts';
import type { Issuer } from './issuer.ts';
import { thumbprint } from './jwt.ts';

/** What an issuer says about itself (OpenID Connect Discovery 1.0, 3; RFC 8628, 4). */
export function discoveryAnswer({ name, url }: Issuer): DevAnswer {
  return jsonAnswer(200, {
    issuer: name,
    authorization_endpoint: `${url}/auth`,
    token_endpoint: `${url}/token`,
    device_authorization_endpoint: `${url}/device/code`,
    jwks_uri: `${url}/keys`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['openid', 'email'],
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    claims_supported: ['iss', 'sub', 'aud', 'iat', 'exp', 'email', 'email_verified'],
  });
}

/** The keys that verify its tokens (RFC 7517, 5). */
export function keysAnswer({ key }: Issuer): DevAnswer {
  const jwk = key.publicKey.export({ format: 'jwk' });
  return jsonAnswer(200, { keys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: thumbprint(key) }] });
}
