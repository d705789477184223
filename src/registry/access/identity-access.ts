import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Access, Action } from '../auth/access.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { basicChallenge, bearerChallenge, type ChallengeError } from '../auth/challenge.ts';
import { type Credentials, parseAuthorization } from '../auth/credentials.ts';
import { RegistryAuthError } from '../auth/error.ts';
import { anonymous, type Identity } from '../auth/identity.ts';
import {
  type CompiledGrants,
  isAllowed,
  isInCatalog,
  mayReadAudit,
  mayReadCatalog,
  seesWholeCatalog,
} from '../auth/permission.ts';
import { refusedLogin, type RefusedLogin } from '../auth/refused-login.ts';
import { RegistryError } from '../error.ts';
import { clientOrigin } from '../http/client-origin.ts';
import type { AccessControl } from '../pipeline/access-control.ts';

/** Milliseconds for which a connection that repeats its header is taken for the same. */
const sameFor = 1000;

/** Where somebody who is not logged in is sent. */
export type LoginPlace =
  | { readonly kind: 'basic'; readonly realm: string }
  | { readonly kind: 'bearer'; readonly realm: URL; readonly service: string };

/** How it is decided who may do what. */
export interface IdentityAccessOptions {
  readonly authenticator: Authenticator;
  readonly grants: CompiledGrants;
  readonly login: LoginPlace;
  /** Whether there is anything to log in with. */
  readonly takesCredentials: boolean;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  /** Is told of each login that is refused. */
  readonly onRefused: (request: IncomingMessage, login: RefusedLogin) => void;
}

interface Remembered {
  readonly header: string;
  readonly identity: Identity;
  readonly until: number;
}

/** Tells who sends a request by its header or its client's certificate, and asks the grants. */
export class IdentityAccess implements AccessControl {
  readonly #options: IdentityAccessOptions;
  /** By connection, so that nothing is kept longer than it, and a stolen header is worth nothing elsewhere. */
  readonly #remembered = new WeakMap<object, Remembered>();

  constructor(options: IdentityAccessOptions) {
    this.#options = options;
  }

  identify(request: IncomingMessage): Identity | Promise<Identity> {
    const header = request.headers.authorization;
    if (header !== undefined) {
      const known = this.#remembered.get(request.socket);
      if (known?.header === header && known.until > this.#options.monotonic()) return known.identity;
      return this.#authenticate(request, header);
    }
    return this.#identifyPeer(request);
  }

  allows(identity: Identity, action: Action, repository: string): boolean {
    return isAllowed(this.#options.grants, identity, action, repository);
  }

  allowsCatalog(identity: Identity): boolean {
    return mayReadCatalog(this.#options.grants, identity);
  }

  seesAll(identity: Identity): boolean {
    return seesWholeCatalog(this.#options.grants, identity);
  }

  allowsAudit(identity: Identity): boolean {
    return mayReadAudit(this.#options.grants, identity);
  }

  inCatalog(identity: Identity, repository: string): boolean {
    return isInCatalog(this.#options.grants, identity, repository);
  }

  wantsLogin(identity: Identity): boolean {
    // docker and podman log in by what `/v2/` answers, whatever strangers may do elsewhere; a token proves a login. Asked for a
    // password, docker comes no further without one, so nobody is asked who could not have one.
    return this.#options.takesCredentials && identity.kind === 'anonymous' && identity.limitedTo === undefined;
  }

  refuse(identity: Identity, action: Action | undefined, repository: string | undefined): RegistryError {
    const access = accessOf(action, repository);
    if (identity.kind === 'anonymous' && identity.limitedTo === undefined) return this.#unauthorized(access);
    // A token for something else: the client asks for another, and is told then what it may do. Where that is known to change nothing, it
    // is told now, but for strangers, who may still log in.
    if (identity.limitedTo !== undefined && this.#options.login.kind === 'bearer' && !covers(identity, access)) {
      const isFinal = !this.#mayEver(identity, action, repository);
      const isStranger = identity.kind === 'anonymous';
      if (isStranger || !isFinal) return this.#unauthorized(access, { error: 'insufficient_scope', isFinal });
    }
    // The same whether the repository is there or not.
    return new RegistryError('DENIED', denial(identity, action, repository));
  }

  /** Who it is without a header: the owner of the client's certificate, or anybody. */
  #identifyPeer(request: IncomingMessage): Identity | Promise<Identity> {
    const der = certificateOf(request);
    return der === undefined ? anonymous : this.#ask({ kind: 'certificate', der }, request);
  }

  async #authenticate(request: IncomingMessage, header: string): Promise<Identity> {
    let credentials: Credentials;
    try {
      credentials = parseAuthorization(header);
    } catch (cause) {
      if (!(cause instanceof RegistryAuthError)) throw cause;
      throw new RegistryError('UNAUTHORIZED', cause.message, { status: 400, cause });
    }
    const identity =
      credentials.kind === 'none' ? await this.#identifyPeer(request) : await this.#ask(credentials, request);
    const until = this.#options.monotonic() + sameFor;
    this.#remembered.set(request.socket, { header, identity, until });
    return identity;
  }

  async #ask(credentials: Credentials, request: IncomingMessage): Promise<Identity> {
    const { address } = clientOrigin(request);
    let identity: Identity | undefined;
    try {
      const context = address === undefined ? {} : { address };
      identity = await this.#options.authenticator.authenticate(credentials, context);
    } catch (cause) {
      this.#tell(request, refusedLogin(credentials, cause));
      throw cause instanceof RegistryAuthError ? loginFailure(cause) : cause;
    }
    if (identity !== undefined) return identity;
    this.#tell(request, refusedLogin(credentials));
    throw this.#unauthorized([], credentials.kind === 'bearer' ? { error: 'invalid_token' } : {});
  }

  #tell(request: IncomingMessage, login: RefusedLogin | undefined): void {
    if (login !== undefined) this.#options.onRefused(request, login);
  }

  /** Whether somebody has the right, though the token at hand may have been asked for something else. */
  #mayEver(identity: Identity, action: Action | undefined, repository: string | undefined): boolean {
    const { limitedTo: _, ...whole } = identity;
    if (action === undefined) return true;
    return repository === undefined ? this.allowsCatalog(whole) : this.allows(whole, action, repository);
  }

  #unauthorized(
    access: readonly Access[],
    { error, isFinal = false }: { readonly error?: ChallengeError; readonly isFinal?: boolean } = {},
  ): RegistryError {
    const { login } = this.#options;
    const challenge =
      login.kind === 'basic'
        ? basicChallenge(login.realm)
        : bearerChallenge({
            realm: login.realm,
            service: login.service,
            access,
            ...(error === undefined ? {} : { error }),
          });
    const wrong = error === undefined ? '' : ' what you showed is not enough for this, or no longer good;';
    return new RegistryError('UNAUTHORIZED', `Log in first:${wrong} for example with "docker login"`, {
      headers: { 'www-authenticate': challenge },
      isFinal,
    });
  }
}

function loginFailure(cause: RegistryAuthError): RegistryError {
  const retry = cause.retryAfterSeconds;
  if (cause.code === 'TOO_MANY_ATTEMPTS') {
    return new RegistryError('TOOMANYREQUESTS', cause.message, {
      cause,
      headers: { 'retry-after': String(retry ?? 60) },
    });
  }
  return new RegistryError('UNAVAILABLE', 'Who you are cannot be looked up at this moment; try again soon', {
    cause,
    headers: { 'retry-after': String(retry ?? 5) },
  });
}

/** What a client is told to ask for. A push needs to pull as well, to see what is there. */
function accessOf(action: Action | undefined, repository: string | undefined): readonly Access[] {
  if (action === undefined) return [];
  if (repository === undefined) return [{ type: 'registry', name: 'catalog', actions: ['list'] }];
  const actions: readonly Action[] = action === 'push' ? ['pull', 'push'] : action === 'list' ? ['pull'] : [action];
  return [{ type: 'repository', name: repository, actions }];
}

/** Whether a token was asked for with this in it: then asking again changes nothing. */
function covers({ limitedTo = [] }: Identity, asked: readonly Access[]): boolean {
  return asked.every((access) =>
    limitedTo.some(
      (held) =>
        held.type === access.type &&
        held.name === access.name &&
        access.actions.every((action) => (held.actions as readonly string[]).includes(action)),
    ),
  );
}

function denial({ kind, name }: Identity, action: Action | undefined, repository: string | undefined): string {
  const who = kind === 'anonymous' ? 'Nobody may do this without a login' : `${kind} ${name} may not do this`;
  const what = repository === undefined ? '' : `: ${action ?? 'use'} ${repository}`;
  return `${who}${what}; ask who runs the registry for the right`;
}

/** In DER, when the TLS handshake verified it. */
function certificateOf({ socket }: IncomingMessage): Uint8Array | undefined {
  const { authorized, getPeerCertificate } = socket as Partial<TLSSocket>;
  if (authorized !== true || getPeerCertificate === undefined) return undefined;
  const { raw } = (socket as TLSSocket).getPeerCertificate() as { readonly raw?: Uint8Array };
  return raw;
}
