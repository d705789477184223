import { createHash, randomBytes } from 'node:crypto';
import { RefusedError } from '../error.ts';
import { sigstoreDevLimits } from '../limits.ts';

/** A login that was begun: who comes out of it, and what proves that the same client ends it. */
export interface PendingLogin {
  readonly subject: string;
  readonly email: string;
  readonly clientId: string;
  readonly nonce?: string | undefined;
  readonly redirectUri?: string | undefined;
  /** Of PKCE (RFC 7636, 4.2), always S256. */
  readonly challenge?: string | undefined;
  /** On a device: whether somebody said yes yet. */
  approved: boolean;
}

/** Logins by the code that stands for them. Codes are used once. */
export class PendingLogins {
  readonly #logins = new Map<string, PendingLogin>();

  begin(login: PendingLogin, code: string = randomBytes(16).toString('base64url')): string {
    const oldest = this.#logins.keys().next().value;
    if (this.#logins.size >= sigstoreDevLimits.pendingLogins && oldest !== undefined) this.#logins.delete(oldest);
    this.#logins.set(code, login);
    return code;
  }

  /** The login of a code, which stays until it is ended. */
  find(code: string | null): PendingLogin | undefined {
    return code === null ? undefined : this.#logins.get(code);
  }

  /** Ends a login. @throws RefusedError */
  end(code: string, proof: { readonly redirectUri?: string | null; readonly verifier: string | null }): PendingLogin {
    const login = this.#logins.get(code);
    this.#logins.delete(code);
    if (login === undefined) throw new RefusedError('REQUEST_INVALID', 'The code is unknown or was used before');
    if (proof.redirectUri !== undefined && (proof.redirectUri ?? undefined) !== login.redirectUri) {
      throw new RefusedError('REQUEST_INVALID', 'The login was begun for another redirect_uri');
    }
    if (login.challenge !== undefined) {
      const challenge = createHash('sha256')
        .update(proof.verifier ?? '')
        .digest('base64url');
      if (challenge !== login.challenge) {
        throw new RefusedError('REQUEST_INVALID', 'The code_verifier does not fit the code_challenge (RFC 7636, 4.6)');
      }
    }
    return login;
  }
}
