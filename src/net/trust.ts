import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { NetError } from './error.ts';
import { errorCode } from './failure.ts';
import { listsHost } from './host.ts';

/** Whom to trust, and who to be, over TLS. Files are read by the caller. */
export interface TlsSettings {
  /** Authorities trusted beside the bundled ones: PEM files, each with the name it is reported by. */
  readonly authorities?: readonly { readonly name: string; readonly pem: Uint8Array }[];
  /** Trusts these authorities alone: for a service whose own authority is known, another's word is a forgery. */
  readonly onlyAuthorities?: boolean;
  readonly clientCertificates?: readonly ClientCertificate[];
  /** Names that certificates are to have instead of the host's own, and that are asked for (RFC 6066, 3). */
  readonly serverNames?: readonly { readonly hosts: readonly string[]; readonly name: string }[];
  /** `host` or `host:port`, whose certificates are not verified. */
  readonly insecureHosts?: readonly string[];
}

/** The certificate to show to the hosts listed. */
interface ClientCertificate {
  /** `host` or `host:port`. */
  readonly hosts: readonly string[];
  /** PEM, the leaf first. */
  readonly certificate: Uint8Array;
  /** PEM. */
  readonly key: Uint8Array;
  readonly passphrase?: string;
}

/** The TLS options that one host gets; hosts with equal `key` may share connections' settings. */
export interface TrustProfile {
  readonly key: string;
  readonly rejectUnauthorized: boolean;
  readonly systemRoots: boolean;
  /** The name that its certificate is to have; the host's own where there is none. */
  readonly serverName: string | undefined;
  readonly context: SecureContextOptions | undefined;
}

const maxAuthorities = 1000;
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Verification failures that the system's own authorities may mend. */
const issuerUnknown = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/**
 * Decides the TLS options per host. The bundled authorities serve first; the system's own are read (some 50 ms) only
 * once a certificate did not verify without them.
 */
export class TlsTrust {
  readonly #settings: TlsSettings;
  readonly #authorities: readonly string[];
  #system = false;
  #roots: Promise<string[]> | undefined;

  /** @throws NetError TLS when an authority file holds no certificate */
  constructor(settings: TlsSettings) {
    this.#settings = settings;
    this.#authorities = (settings.authorities ?? []).flatMap(({ name, pem }) => readAuthorities(name, pem));
  }

  async profile(url: URL): Promise<TrustProfile> {
    const insecure = listsHost(this.#settings.insecureHosts ?? [], url);
    const clients = this.#settings.clientCertificates ?? [];
    const index = clients.findIndex((client) => listsHost(client.hosts, url));
    const client = clients[index];
    const serverName = (this.#settings.serverNames ?? []).find(({ hosts }) => listsHost(hosts, url))?.name;
    const context: SecureContextOptions = {};
    if (this.#settings.onlyAuthorities === true) context.ca = [...this.#authorities];
    else if (this.#authorities.length > 0 || this.#system) context.ca = await this.#ca();
    if (client !== undefined) {
      context.cert = Buffer.from(client.certificate);
      context.key = Buffer.from(client.key);
      if (client.passphrase !== undefined) context.passphrase = client.passphrase;
    }
    return {
      key: `${insecure ? 'insecure' : 'verified'} ${index} ${this.#system ? 'system' : 'bundled'} ${serverName ?? ''}`,
      rejectUnauthorized: !insecure,
      systemRoots: this.#system,
      serverName,
      context: Object.keys(context).length === 0 ? undefined : context,
    };
  }

  /**
   * Adds the system's authorities when `error` says that one is missing; true when `profile` was without them, so that
   * there is reason to try again.
   */
  widen(error: NetError, profile: TrustProfile): boolean {
    if (
      this.#settings.onlyAuthorities === true ||
      profile.systemRoots ||
      error.code !== 'TLS' ||
      !issuerUnknown.has(errorCode(error.cause))
    )
      return false;
    this.#system = true;
    this.#roots = undefined;
    return true;
  }

  #ca(): Promise<string[]> {
    this.#roots ??= this.#readRoots();
    return this.#roots;
  }

  async #readRoots(): Promise<string[]> {
    const { getCACertificates } = await import('node:tls');
    const system = this.#system ? getCACertificates('system') : [];
    return [...new Set([...getCACertificates('default'), ...system, ...this.#authorities])];
  }
}

/** OpenSSL passes over what it cannot read in silence, so each certificate is read here first. */
function readAuthorities(name: string, pem: Uint8Array): string[] {
  const blocks = Buffer.from(pem).toString('latin1').match(pemBlock) ?? [];
  const sentence = `${name} holds no readable PEM certificate; give a file of "BEGIN CERTIFICATE" blocks`;
  if (blocks.length === 0 || blocks.length > maxAuthorities) throw new NetError('TLS', '', sentence);
  for (const block of blocks) {
    try {
      void new X509Certificate(block);
    } catch (error) {
      throw new NetError('TLS', '', sentence, { cause: error });
    }
  }
  return blocks;
}
