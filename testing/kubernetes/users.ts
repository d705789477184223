import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Who asks (Kubernetes API, authentication/v1, UserInfo). */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
}

/** Tells who asks: by a bearer token, a password, or a client certificate, whose common name is the user's and whose organizations are groups. */
export function authenticate(
  request: IncomingMessage,
  tokens: ReadonlyMap<string, User>,
  passwords: ReadonlyMap<string, User>,
): User | undefined {
  const [, scheme = '', value = ''] = /^(\w+) (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return impersonate(request, tokens.get(value));
  if (scheme.toLowerCase() === 'basic') {
    return impersonate(request, passwords.get(Buffer.from(value, 'base64').toString('utf8')));
  }
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const { CN, O } = socket.getPeerCertificate().subject as { readonly CN?: string; readonly O?: string | string[] };
  const groups = O === undefined ? [] : Array.isArray(O) ? O : [O];
  return CN === undefined ? undefined : impersonate(request, { username: CN, groups: [...groups, authenticated] });
}

const authenticated = 'system:authenticated';

function impersonate({ headers }: IncomingMessage, user: User | undefined): User | undefined {
  const username = headers['impersonate-user'];
  if (user === undefined || typeof username !== 'string') return user;
  const group = headers['impersonate-group'];
  return { username, groups: [...(typeof group === 'string' ? [group] : []), authenticated] };
}
