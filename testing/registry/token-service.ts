import { randomBytes } from 'node:crypto';
import type { Answer } from './fault.ts';

/** Who may come in, and how tokens are given out. */
export interface TokenServiceOptions {
  readonly username: string;
  readonly password: string;
  /** An OAuth2 refresh token that is as good as the password. */
  readonly identityToken?: string;
  /** Which ways of asking are served (distribution: GET with Basic, POST as OAuth2). */
  readonly methods?: readonly ('GET' | 'POST')[];
  /** Gives pull tokens to anyone who sends no credentials. */
  readonly anonymousPull?: boolean;
  readonly expiresInSeconds?: number;
  /** Names the token so in the answer. */
  readonly field?: 'token' | 'access_token';
  /** Answers with this in place of a token. */
  readonly rawAnswer?: string;
}

/** Issues and checks the tokens of a test registry (distribution, spec/auth/token.md and oauth.md). */
export class TokenService {
  readonly #options: TokenServiceOptions;
  readonly #granted = new Map<string, ReadonlySet<string>>();
  /** How many tokens were given out. */
  issued = 0;

  constructor(options: TokenServiceOptions) {
    this.#options = options;
  }

  answer(method: string, url: URL, authorization: string | undefined, body: string): Answer {
    const { methods = ['GET', 'POST'], username, password, identityToken, anonymousPull } = this.#options;
    if (!methods.some((allowed) => allowed === method)) return json(404, { errors: [{ code: 'UNSUPPORTED' }] });
    const form = new URLSearchParams(body);
    const scopes = method === 'POST' ? (form.get('scope') ?? '').split(' ') : url.searchParams.getAll('scope');
    const known =
      method === 'POST'
        ? (form.get('username') === username && form.get('password') === password) ||
          (identityToken !== undefined && form.get('refresh_token') === identityToken)
        : isBasic(authorization, username, password);
    const tried = method === 'POST' ? form.has('grant_type') : authorization !== undefined;
    if (!known && (tried || anonymousPull !== true)) {
      return json(401, { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] });
    }
    const granted = scopes.flatMap((scope) => grants(scope, known));
    const token = randomBytes(12).toString('hex');
    this.#granted.set(token, new Set(granted));
    this.issued += 1;
    if (this.#options.rawAnswer !== undefined) {
      return { status: 200, headers: {}, body: Buffer.from(this.#options.rawAnswer) };
    }
    const expiry = this.#options.expiresInSeconds;
    return json(200, {
      [this.#options.field ?? 'token']: token,
      ...(expiry === undefined ? {} : { expires_in: expiry }),
    });
  }

  allows(authorization: string | undefined, repository: string, action: string): boolean {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    const granted = token === undefined ? undefined : this.#granted.get(token);
    return granted !== undefined && (repository === '' || granted.has(`${repository}:${action}`));
  }

  /** Makes all tokens given out so far worthless. */
  revoke(): void {
    this.#granted.clear();
  }
}

/** True for the Basic authorization of that user (RFC 7617). */
export function isBasic(authorization: string | undefined, username: string, password: string): boolean {
  return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function grants(scope: string, known: boolean): string[] {
  const match = /^repository:(.+):([a-z,*]+)$/.exec(scope);
  if (match === null) return [];
  const actions = (match[2] as string).split(',').filter((action) => known || action === 'pull');
  return actions.map((action) => `${match[1]}:${action}`);
}

function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}
