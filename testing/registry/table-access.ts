import { IdentityAccess } from '../../src/registry/access/identity-access.ts';
import type { Authenticator } from '../../src/registry/auth/authenticator.ts';
import type { Grant } from '../../src/registry/auth/grant.ts';
import { compileGrants } from '../../src/registry/auth/permission.ts';
import type { AccessControl } from '../../src/registry/pipeline/access-control.ts';

/** The real access control by basic authentication, over a table of users and what they are granted. */
export function tableAccess(passwords: Readonly<Record<string, string>>, grants: readonly Grant[]): AccessControl {
  const authenticator: Authenticator = {
    name: 'table',
    fits: ({ kind }) => (kind === 'basic' ? 'perhaps' : 'no'),
    authenticate(credentials) {
      if (credentials.kind !== 'basic') return Promise.resolve(undefined);
      const { user, password } = credentials;
      const isRight = Object.hasOwn(passwords, user) && passwords[user] === password;
      return Promise.resolve(isRight ? { kind: 'user', name: user, groups: [], source: 'table' } : undefined);
    },
  };
  return new IdentityAccess({
    authenticator,
    grants: compileGrants(grants),
    login: { kind: 'basic', realm: 'test' },
    takesCredentials: true,
    monotonic: () => performance.now(),
    onRefused: () => undefined,
  });
}

/** The value of an `Authorization` header (RFC 7617). */
export function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
