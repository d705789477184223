import type { IncomingMessage } from 'node:http';
import type { Action } from '../auth/access.ts';
import type { Identity } from '../auth/identity.ts';
import type { RegistryError } from '../error.ts';

/** Who may do what. The pipeline asks it for each request, and handlers for what else they touch. */
export interface AccessControl {
  /**
   * Who sends a request; `anonymous` when it brings nothing. Without a promise where that is known at once, since most
   * requests repeat.
   *
   * @throws RegistryError UNAUTHORIZED with a challenge for what is wrong, TOOMANYREQUESTS, UNAVAILABLE when it could not look
   */
  identify(request: IncomingMessage): Identity | Promise<Identity>;
  allows(identity: Identity, action: Action, repository: string): boolean;
  /** Whether somebody may ask for the catalog at all. */
  allowsCatalog(identity: Identity): boolean;
  /** Whether somebody may read the audit trail, which tells what others did. */
  allowsAudit(identity: Identity): boolean;
  /** Whether somebody sees a repository in the catalog: a token for the catalog names no repositories. */
  inCatalog(identity: Identity, repository: string): boolean;
  /** Whether somebody sees every repository that there is. */
  seesAll(identity: Identity): boolean;
  /** Whether `/v2/` tells somebody to log in before anything else, as docker expects of a registry with accounts. */
  wantsLogin(identity: Identity): boolean;
  /**
   * What is answered to somebody who may not: a challenge to those who may still log in, and to others an error that does not
   * tell whether the repository is there.
   */
  refuse(identity: Identity, action: Action | undefined, repository: string | undefined): RegistryError;
}
