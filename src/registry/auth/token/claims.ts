import { type Access, readAccess, unite, wireActions } from '../access.ts';
import { anonymous, type Identity, type IdentityKind } from '../identity.ts';
import type { JsonObject } from '../jwt/read-unverified.ts';
import { authLimits } from '../limits.ts';

/** Tells access tokens and refresh tokens apart, together with the audience (RFC 8725, 3.11 and 3.12). */
export const tokenType = { access: 'JWT', refresh: 'refresh+jwt' } as const;

/** The audience of refresh tokens: the service itself, which no access token is for. */
export function refreshAudience(service: string): string {
  return `refresh:${service}`;
}

/** Whom a token is for, as a claim of our own: what it takes to look an identity up again. */
export function identityClaim(identity: Identity, withGroups: boolean): JsonObject {
  const { kind, name, source, credential, groups, expires } = identity;
  return {
    kind,
    name,
    ...(source === undefined ? {} : { source }),
    ...(credential === undefined ? {} : { credential }),
    ...(withGroups && groups.length > 0 ? { groups } : {}),
    ...(expires === undefined ? {} : { expires }),
  };
}

const kinds: ReadonlySet<string> = new Set<IdentityKind>(['anonymous', 'user', 'robot', 'workload', 'certificate']);

/** Reads {@link identityClaim} back; undefined where it has another form. */
export function readIdentityClaim(value: unknown): Identity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, name, source, credential, groups = [], expires } = value as JsonObject;
  if (kind === 'anonymous') return anonymous;
  if (typeof kind !== 'string' || !kinds.has(kind) || typeof name !== 'string' || typeof source !== 'string') {
    return undefined;
  }
  if (credential !== undefined && typeof credential !== 'string') return undefined;
  if (expires !== undefined && typeof expires !== 'number') return undefined;
  if (!Array.isArray(groups) || groups.length > authLimits.groups) return undefined;
  if (!groups.every((group): group is string => typeof group === 'string')) return undefined;
  return {
    kind: kind as IdentityKind,
    name,
    source,
    groups,
    ...(credential === undefined ? {} : { credential }),
    ...(expires === undefined ? {} : { expires }),
  };
}

/** The `access` claim (distribution, spec/auth/jwt.md). */
export function accessClaim(accesses: readonly Access[]): readonly JsonObject[] {
  return accesses.map((access) => ({ type: access.type, name: access.name, actions: wireActions(access) }));
}

/**
 * Reads an `access` claim. What has another form or another meaning than here gives nothing; a claim that is no list, or too
 * long a one, is undefined.
 */
export function readAccessClaim(value: unknown): readonly Access[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > authLimits.accesses) return undefined;
  return unite(value.map(readEntry).filter((access) => access !== undefined));
}

function readEntry(entry: unknown): Access | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { type, name, actions } = entry as JsonObject;
  if (typeof type !== 'string' || typeof name !== 'string' || !Array.isArray(actions)) return undefined;
  return readAccess(
    type,
    name,
    actions.filter((action) => typeof action === 'string'),
  );
}
