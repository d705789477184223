import type { FindingSource } from '../../admission/source/registry-source.ts';
import type { ResolvedVariant } from '../../evidence/image/resolve-image.ts';
import { gathered } from '../../evidence/look.ts';
import { once } from '../../evidence/once.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { ImageSource } from '../../oci/source.ts';
import type { Gathered, VulnerabilityFacts } from '../../policy/evidence.ts';
import type { Artifact } from '../../finding/scan-report.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { type Lookup, openLookup } from '../lookup.ts';
import { policyFacts } from '../policy-facts.ts';
import { ScanSession } from '../scan-session.ts';
import { storedSbomsOf } from '../stored-sboms.ts';

/** Scans images as `seaworthy image` does, when a rule needs to know what is wrong with them: nothing is opened before. */
export class ScanFindings implements FindingSource, AsyncDisposable {
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #session: () => Promise<ScanSession>;
  readonly #lookup: () => Promise<Lookup>;
  #opened: ScanSession | undefined;
  #database: Lookup | undefined;

  constructor(settings: Settings, host: Host) {
    // The platform is chosen already: what is scanned is one image, by its digest.
    const { platform: _platform, ...rest } = settings;
    this.#settings = settings;
    this.#host = host;
    this.#session = once(() =>
      Promise.resolve((this.#opened = new ScanSession(rest, host, storedSbomsOf(settings, host)))),
    );
    this.#lookup = once(() => Promise.resolve().then(() => (this.#database = openLookup(settings, host))));
  }

  readonly revision = (): string => '';

  async find(
    { client, repository }: RemoteRepository,
    { descriptor: { digest } }: ResolvedVariant,
    signal: AbortSignal,
  ): Promise<Gathered<VulnerabilityFacts>> {
    const reference = { registry: client.registry, repository, digest };
    return await this.findIn(`${client.registry}/${repository}@${digest}`, { kind: 'registry', reference }, signal);
  }

  /** What is wrong with an image at any source. @throws the signal's reason */
  async findIn(name: string, source: ImageSource, signal: AbortSignal): Promise<Gathered<VulnerabilityFacts>> {
    return await gathered(
      () => this.#host.now().getTime(),
      signal,
      async () => {
        const lookup = await this.#lookup();
        const session = await this.#session();
        const target = await session.read(name, source);
        return policyFacts(target, lookup, this.#settings);
      },
    );
  }

  /** What an image at any source says of itself, without its layers being read. @throws as `ScanSession.describe` */
  async describe(name: string, source: ImageSource): Promise<Artifact> {
    return await (await this.#session()).describe(name, source);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database?.[Symbol.dispose]();
    await this.#opened?.[Symbol.asyncDispose]();
  }
}
