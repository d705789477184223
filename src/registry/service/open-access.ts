import type { IncomingMessage, ServerResponse } from 'node:http';
import { IdentityAccess, type LoginPlace } from '../access/identity-access.ts';
import { serveToken } from '../access/token-endpoint.ts';
import type { Grant } from '../auth/grant.ts';
import { firstOf } from '../auth/first-of.ts';
import type { Identity } from '../auth/identity.ts';
import type { RefusedLogin } from '../auth/refused-login.ts';
import { compileGrants } from '../auth/permission.ts';
import { TokenAuthenticator } from '../auth/token/authenticator.ts';
import { TokenService } from '../auth/token/service.ts';
import { isOpen, takesCredentials } from '../config/auth/model.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { AccessControl } from '../pipeline/access-control.ts';
import { openAccess } from '../pipeline/open-access.ts';
import { type LoginSurroundings, openLogin, tokenSettings } from './open-login.ts';

/** Who may do what, and where tokens are had. */
export interface Access extends AsyncDisposable {
  readonly control: AccessControl;
  /** Answers requests for tokens; undefined where there is no token service. */
  readonly token: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
}

/** What else access is made with. */
export interface AccessSurroundings extends LoginSurroundings {
  /** How clients reach the registry, without a slash at its end. */
  readonly url: string;
  readonly observeLogin: (request: IncomingMessage, status: number, identity: Identity | undefined) => void;
  readonly onRefused: (request: IncomingMessage, login: RefusedLogin) => void;
}

/**
 * Makes the access control that a configuration describes.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID
 */
export async function makeAccess(config: RegistryConfig, surroundings: AccessSurroundings): Promise<Access> {
  const { auth } = config;
  if (isOpen(auth)) return { control: openAccess, token: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
  const { clock, logger, url, onRefused } = surroundings;
  const grants = compileGrants(grantsOf(config));
  const login = await openLogin(auth, surroundings);
  const dispose = { [Symbol.asyncDispose]: () => login[Symbol.asyncDispose]() };
  const shared = {
    grants,
    takesCredentials: takesCredentials(auth),
    monotonic: () => clock.monotonic(),
    onRefused,
  };
  const [external] = auth.external;
  if (auth.token === undefined) {
    const place: LoginPlace =
      external === undefined
        ? { kind: 'basic', realm: 'Seaworthy' }
        : { kind: 'bearer', realm: new URL(external.realm), service: external.service };
    const control = new IdentityAccess({ ...shared, authenticator: login.authenticator, login: place });
    return { control, token: undefined, ...dispose };
  }
  const settings = await tokenSettings(auth.token, surroundings.database);
  const service = new TokenService({ ...settings, grants: () => grants, authenticator: login.authenticator, clock });
  const tokens = new TokenAuthenticator(settings, login.authenticator, clock);
  const place: LoginPlace = { kind: 'bearer', realm: new URL(`${url}/token`), service: settings.service };
  const control = new IdentityAccess({
    ...shared,
    // Basic credentials count at the registry as well: some clients send them without being asked.
    authenticator: firstOf([tokens, login.authenticator]),
    login: place,
  });
  const options = {
    service,
    authenticator: login.authenticator,
    logger,
    observe: surroundings.observeLogin,
    onRefused,
  };
  return { control, token: (request, response) => serveToken(options, request, response), ...dispose };
}

function grantsOf({ auth, permissions }: RegistryConfig): readonly Grant[] {
  return [...permissions, ...auth.anonymous.map((grant) => ({ ...grant, to: ['anonymous'] }))];
}
