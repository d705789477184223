import { formatAccess } from '../../src/registry/auth/access.ts';
import type { Authenticator } from '../../src/registry/auth/authenticator.ts';
import { isRegistryAuthError, RegistryAuthError } from '../../src/registry/auth/error.ts';
import { firstOf } from '../../src/registry/auth/first-of.ts';
import { formatIdentity, type Identity } from '../../src/registry/auth/identity.ts';
import { type CompiledGrants, compileGrants } from '../../src/registry/auth/permission.ts';
import { answerTokenRequest, type TokenAnswer, type TokenExchange } from '../../src/registry/auth/token/answer.ts';
import { TokenAuthenticator } from '../../src/registry/auth/token/authenticator.ts';
import { makeTokenKey, prepareTokenKeys } from '../../src/registry/auth/token/keys.ts';
import { TokenService, type TokenSettings } from '../../src/registry/auth/token/service.ts';

/** Somebody whom the bench knows. */
export interface BenchUser {
  password: string;
  groups: readonly string[];
  kind: Identity['kind'];
  expires?: number;
}

/** A token service with three users, and doors that take its tokens. */
export interface TokenBench {
  readonly users: Map<string, BenchUser>;
  readonly state: { time: number; down: boolean };
  readonly settings: TokenSettings;
  readonly tokens: TokenAuthenticator;
  readonly ask: (exchange: Partial<TokenExchange>) => Promise<TokenAnswer>;
  readonly get: (query: string, login?: string) => Promise<TokenAnswer>;
  readonly post: (form: Readonly<Record<string, string>>) => Promise<TokenAnswer>;
  readonly use: (token: unknown) => Promise<string>;
}

/** What the bench grants. */
export const benchGrants: CompiledGrants = compileGrants([
  { repositories: ['public/*'], actions: ['pull'], to: ['anonymous'] },
  { repositories: ['team/*'], actions: ['pull', 'push'], to: ['group:dev', 'robot:ci', 'workload:job'] },
]);

/** Sets it up at noon of a day in June. */
export function tokenBench(more: Partial<TokenSettings> = {}): TokenBench {
  const users = new Map<string, BenchUser>([
    ['alice', { password: 'secret', groups: ['dev'], kind: 'user' }],
    ['ci', { password: 'robot', groups: [], kind: 'robot' }],
    ['job', { password: 'jwt', groups: ['dev'], kind: 'workload', expires: Date.UTC(2026, 5, 15, 12, 2) }],
  ]);
  const state = { time: Date.UTC(2026, 5, 15, 12), down: false };
  const clock = { now: () => state.time };
  const identityOf = (name: string, user: BenchUser, source: string): Identity => ({
    kind: user.kind,
    name,
    groups: user.groups,
    source,
    credential: user.password.length.toString(),
    ...(user.expires === undefined ? {} : { expires: user.expires }),
  });
  const part = (source: string, kinds: readonly string[]): Authenticator => ({
    name: source,
    fits: ({ kind }) => (kind === 'basic' ? 'perhaps' : 'no'),
    authenticate(credentials) {
      if (state.down) return Promise.reject(new RegistryAuthError('AUTH_UNAVAILABLE', 'ldap.internal is down'));
      const user = credentials.kind === 'basic' ? users.get(credentials.user) : undefined;
      const right =
        credentials.kind === 'basic' && user?.password === credentials.password && kinds.includes(user.kind);
      return Promise.resolve(right ? identityOf(credentials.user, user, source) : undefined);
    },
  });
  const table: Authenticator = {
    ...part('table', ['user', 'robot']),
    renew(identity) {
      if (state.down) return Promise.reject(new RegistryAuthError('AUTH_UNAVAILABLE', 'ldap.internal is down'));
      const user = users.get(identity.name);
      const now = user === undefined ? undefined : identityOf(identity.name, user, 'table');
      return Promise.resolve(now?.credential === identity.credential ? now : undefined);
    },
  };
  const settings: TokenSettings = {
    issuer: 'reg-tokens',
    service: 'reg.example.com',
    keys: prepareTokenKeys(makeTokenKey()),
    ...more,
  };
  const sources = firstOf([table, part('jobs', ['workload'])]);
  const service = new TokenService({ ...settings, grants: () => benchGrants, authenticator: sources, clock });
  const tokens = new TokenAuthenticator(settings, sources, clock);
  const doors = firstOf([tokens, sources], 'doors');
  const ask: TokenBench['ask'] = (exchange) =>
    answerTokenRequest(
      service,
      doors,
      {
        method: 'GET',
        query: new URLSearchParams(),
        authorization: undefined,
        contentType: undefined,
        body: '',
        ...exchange,
      },
      {},
    );
  return {
    users,
    state,
    settings,
    tokens,
    ask,
    get: (query, login) =>
      ask({ query: new URLSearchParams(query), authorization: login === undefined ? undefined : basic(login) }),
    post: (form) => ask({ method: 'POST', contentType: formType, body: new URLSearchParams(form).toString() }),
    /** Who a token stands for and what it is good for, or why not. */
    async use(token) {
      try {
        const identity = await doors.authenticate({ kind: 'bearer', token: String(token) }, {});
        if (identity === undefined) return 'refused';
        const { limitedTo = [] } = identity;
        return [formatIdentity(identity), ...identity.groups, ...limitedTo.map(formatAccess)].join(' ');
      } catch (error) {
        return isRegistryAuthError(error) ? error.code : String(error);
      }
    },
  };
}

/** Of forms. */
export const formType = 'application/x-www-form-urlencoded';
const basic = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;
