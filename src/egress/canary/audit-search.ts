import type { Network } from '../../net/network.ts';
import { basicAuthorization, type Credential, type Keychain } from '../../oci/client/credential.ts';
import { EgressError } from '../error.ts';
import { egressLimits } from '../limits.ts';

/** A pull to be found in the audit trail of a registry. */
export interface AuditQuestion {
  /** Where the registry's API is: `https://registry.example.org`. */
  readonly url: string;
  readonly repository: string;
  /** A tag or a digest; absent: whatever was pulled of the repository. */
  readonly reference?: string;
  /** Milliseconds since 1970; earlier pulls do not count. */
  readonly since: number;
}

/** A pull that was found. */
export interface FoundPull {
  /** The hash of its entry, which no other has. */
  readonly hash: string;
  readonly time: string;
  readonly actor: string;
  readonly address?: string;
}

interface Page {
  readonly items: readonly FoundPull[];
  readonly next: string | undefined;
}

/**
 * Looks for pulls in the audit trail (`GET /api/v1/audit`), in all of its pages.
 *
 * @throws EgressError EGRESS_CANARY_FAILED when the trail cannot be asked
 */
export async function findPulls(
  { url, repository, reference, since }: AuditQuestion,
  network: Network,
  keychain: Keychain,
  signal?: AbortSignal,
): Promise<readonly FoundPull[]> {
  const found: FoundPull[] = [];
  let last: string | undefined = '';
  for (let page = 0; last !== undefined && page < egressLimits.auditPages; page += 1) {
    const address = new URL('/api/v1/audit', url);
    const image = `${repository}${reference === undefined ? '' : `${reference.includes(':') ? '@' : ':'}${reference}`}`;
    const query = { action: 'pull', image, since: new Date(since).toISOString(), ...(last === '' ? {} : { last }) };
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    const { items, next } = await ask(address, network, await keychain.find(address.host, '', signal), signal);
    found.push(...items);
    last = next;
  }
  return found;
}

async function ask(
  url: URL,
  network: Network,
  credential: Credential | undefined,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const headers = credential === undefined ? {} : { authorization: authorizationOf(credential) };
  const response = await network.request({ url, headers, signal, limits: { maxBodyBytes: egressLimits.auditBytes } });
  if (response.status !== 200) {
    response.discard();
    const advice = 'give --username an account that may do everything to every repository';
    throw failed(`The audit trail at ${url.host} answered ${response.status}; ${advice}`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return parsePage(Buffer.concat(chunks).toString('utf8'), url.host);
}

function authorizationOf(credential: Credential): string {
  if (credential.kind === 'password') return basicAuthorization(credential.username, credential.password);
  return `Bearer ${credential.token}`;
}

/** An entry as the API gives it, as far as it is looked at. */
interface Item {
  readonly hash: string;
  readonly time: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly address?: string;
  readonly outcome: string;
}

function parsePage(text: string, host: string): Page {
  try {
    const { items, next } = JSON.parse(text) as { readonly items?: readonly Item[]; readonly next?: unknown };
    if (!Array.isArray(items)) throw new TypeError('no list of items');
    const pulls = (items as readonly Item[])
      .filter(({ outcome }) => outcome === 'done')
      .map(({ hash, time, actor, address }): FoundPull => {
        const who = actor.name === '' ? actor.kind : `${actor.kind}:${actor.name}`;
        return { hash, time, actor: who, ...(address === undefined ? {} : { address }) };
      });
    return { items: pulls, next: typeof next === 'string' ? next : undefined };
  } catch (cause) {
    throw failed(`${host} answered something that is no audit trail; check --audit-registry`, cause);
  }
}

function failed(message: string, cause?: unknown): EgressError {
  return new EgressError('EGRESS_CANARY_FAILED', message, cause === undefined ? undefined : { cause });
}
