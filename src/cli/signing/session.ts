import { resolve } from 'node:path';
import type { Network } from '../../net/network.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { Keychain } from '../../oci/client/credential.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import { attachmentRepository } from '../../signing/cosign/tags.ts';
import type { KeyDeps } from '../../signing/key/key-deps.ts';
import type { AcceptedKey } from '../../signing/verify/policy.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { keychainOf } from '../keychain.ts';
import { networkOf, networkOptionsOf } from '../network.ts';
import { timeLimited } from '../time-limit.ts';
import { keyPassword } from './password.ts';
import { readBounded } from '../read-bounded.ts';
import { savedFolder } from './saved-folder.ts';
import { signingLimits } from '../../signing/limits.ts';

/** An image that was named, and what its name stands for. */
export interface ResolvedImage {
  /** As the user wrote it. */
  readonly name: string;
  readonly reference: Reference;
  readonly digest: Digest;
  readonly image: RemoteRepository;
  /** Where its signatures lie. */
  readonly attachments: RemoteRepository;
}

/** What a command that signs or verifies holds open: the network, registries, the time limit. */
export class SigningSession implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #registryOffline: boolean;
  #network: Promise<Network> | undefined;
  #registryNetwork: Promise<Network> | undefined;
  #keychain: Promise<Keychain> | undefined;
  #password: Promise<Buffer> | undefined;
  readonly #opened: Network[] = [];
  readonly #clients = new Map<string, RegistryClient>();

  /**
   * @param options `registryOffline`: what `--offline` forbids is everything but the registries of the images, which a
   *   verification cannot do without
   */
  constructor(settings: Settings, host: Host, options: { readonly registryOffline?: boolean } = {}) {
    this.#settings = settings;
    this.#registryOffline = options.registryOffline === true;
    this.#host = host;
    this.signal = timeLimited(host.signal, settings.timeout);
  }

  network(): Promise<Network> {
    this.#network ??= networkOf(this.#settings, this.#host);
    return this.#network;
  }

  #registries(): Promise<Network> {
    if (!this.#registryOffline || !this.#settings.offline) return this.network();
    this.#registryNetwork ??= networkOf({ ...this.#settings, offline: false }, this.#host);
    return this.#registryNetwork;
  }

  /** A repository of a registry; its client is shared by all that ask. */
  async remote({ registry, repository }: Pick<Reference, 'registry' | 'repository'>): Promise<RemoteRepository> {
    this.#keychain ??= keychainOf(this.#settings, this.#host);
    const [network, keychain] = await Promise.all([this.#registries(), this.#keychain]);
    const client = this.#clients.get(registry) ?? new RegistryClient(network, registry, { keychain });
    this.#clients.set(registry, client);
    return { client, repository };
  }

  /**
   * Finds out which digest a name stands for, once: everything after speaks of the digest alone. Of a tag, the content that
   * came is hashed; what the registry calls it does not count (CVE-2023-33959).
   *
   * @param options `beside`: its signatures lie in its own repository, whatever the settings say
   * @throws OciError
   */
  async resolve(name: string, { beside = false }: { readonly beside?: boolean } = {}): Promise<ResolvedImage> {
    const reference = parseReference(name);
    const image = await this.remote(reference);
    const override = this.#settings.signatureRepository ?? this.#host.env['COSIGN_REPOSITORY'];
    const attachments = beside ? image : await this.remote(attachmentRepository(reference, override));
    const digest =
      reference.digest ??
      (await fetchManifest(image.client, image.repository, reference.tag ?? 'latest', this.signal)).descriptor.digest;
    return { name, reference, digest, image, attachments };
  }

  /**
   * Opens a folder that `save` wrote as an image.
   *
   * @param prefix stands before tags of the older layout
   * @throws ConfigError SETTING_INVALID for a folder that is not there, OciError
   */
  async openLocal(name: string, prefix: string | undefined): Promise<ResolvedImage> {
    const { openSaved } = await import('../../signing/cosign/open-saved.ts');
    const options = { signal: this.signal, ...(prefix === undefined ? {} : { prefix }) };
    const { digest, repository } = await openSaved(savedFolder(name, '--local-image', this.#host), options);
    const reference = { registry: repository.client.registry, repository: repository.repository, digest };
    return { name, reference, digest, image: repository, attachments: repository };
  }

  /** The manifest of an image, as its registry has it. @throws OciError */
  async describe({ image, digest }: ResolvedImage): Promise<Descriptor> {
    return (await fetchManifest(image.client, image.repository, digest, this.signal)).descriptor;
  }

  /** What keys need of the world. */
  async keyDeps(options: { readonly newPassword?: boolean } = {}): Promise<KeyDeps> {
    const { env, cwd, now } = this.#host;
    const usual = await networkOptionsOf(this.#settings, this.#host);
    return {
      env,
      network: await this.network(),
      openNetwork: (changes) => {
        const opened = openNetwork({ ...usual, ...changes });
        this.#opened.push(opened);
        return opened;
      },
      readFile: (path) => readBounded(resolve(cwd, path), signingLimits.keyBytes, this.signal),
      password: async () => {
        if (options.newPassword === true) return keyPassword(this.#settings, this.#host, true);
        // Standard input tells it once, and nobody wants to be asked twice. Those who use it wipe their copy.
        this.#password ??= keyPassword(this.#settings, this.#host, false);
        return Buffer.from(await this.#password);
      },
      now,
      signal: this.signal,
    };
  }

  /** The keys that `--key` names. @throws SigningError */
  async loadKeys(references: readonly string[]): Promise<readonly AcceptedKey[]> {
    const [{ parseKeyReference }, { loadVerificationKeys }] = await Promise.all([
      import('../../signing/key/key-reference.ts'),
      import('../../signing/key/load-key.ts'),
    ]);
    const keys: AcceptedKey[] = [];
    const deps = await this.keyDeps();
    for (const name of references) {
      for (const key of await loadVerificationKeys(parseKeyReference(name), deps)) keys.push({ name, key });
    }
    return keys;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    (await this.#password?.catch(() => undefined))?.fill(0);
    const network = await this.#network?.catch(() => undefined);
    await network?.[Symbol.asyncDispose]();
    const registries = await this.#registryNetwork?.catch(() => undefined);
    await registries?.[Symbol.asyncDispose]();
    for (const opened of this.#opened) await opened[Symbol.asyncDispose]();
  }
}
