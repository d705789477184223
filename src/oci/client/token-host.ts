import { bareHostname } from '../../net/host.ts';
import { registrableDomain } from '../../net/registrable-domain.ts';

/**
 * Whether credentials for a registry may go to an address for tokens: its own origin, a host under the domain that its owner
 * registered, or one of those that the settings name (CVE-2026-33540). Not by plain HTTP, unless the registry itself is reached so.
 *
 * @param named `host` or `host:port`
 */
export function belongsTogether(registry: URL, realm: URL, named: readonly string[]): boolean {
  if (realm.origin === registry.origin) return true;
  if (realm.protocol !== 'https:') return false;
  if (named.some((one) => one === realm.host || one === realm.hostname)) return true;
  const own = registrableDomain(bareHostname(registry));
  return own !== undefined && own === registrableDomain(bareHostname(realm)) && realm.port === '';
}
