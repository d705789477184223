import { errorMessage } from '../../base/error.ts';
import { SharedCalls } from '../../base/shared-calls.ts';
import type { ResolvedVariant } from '../../evidence/image/resolve-image.ts';
import { gapsOf } from '../../finding/database-gaps.ts';
import type { Clock } from '../../net/clock.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Gathered, VulnerabilityFacts } from '../../policy/evidence.ts';
import { removeStrays } from '../../scan/cache/remove-strays.ts';
import { DatabaseWatch } from '../../scan/process/database-watch.ts';
import { permanentFailures, UnscannableError } from '../../scan/process/error.ts';
import { ScanPool } from '../../scan/process/pool/scan-pool.ts';
import { workerProgram } from '../../scan/process/pool/worker-program.ts';
import type { LayerScan } from '../../scan/process/scan-registry-image.ts';
import { unscannableFacts, vulnerabilityFacts } from '../../scan/vulnerability-facts.ts';
import type { FindingSource } from '../source/registry-source.ts';
import { findInSbom } from './find-in-sbom.ts';
import { judgeInventory } from './judge-inventory.ts';
import { findingLimits } from './limits.ts';
import type { FindingsConfig, FindingsSurroundings } from './model.ts';
import { RememberedFindings } from './remembered-findings.ts';
import { type FoundInImage, scanLayers } from './scan-layers.ts';

/** What is known of an image by one state of the database does not change. */
const forGood = Number.POSITIVE_INFINITY;

/**
 * Finds out what is wrong with images: by lists of packages that trusted registries attached, and else by reading their layers in
 * processes. Nobody waits for long: what is not there yet is pending, and is there when somebody asks again.
 */
export class ImageFindings implements FindingSource, AsyncDisposable {
  readonly #config: FindingsConfig;
  readonly #surroundings: FindingsSurroundings;
  readonly #scan: LayerScan;
  readonly #watch: DatabaseWatch;
  /** Whose lists of packages count. */
  readonly #keys: string;
  readonly #known = new RememberedFindings();
  readonly #calls = new SharedCalls<void>();
  readonly #over = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(config: FindingsConfig, surroundings: FindingsSurroundings, pool: ScanPool) {
    const { database, cache, timeMs, imageBytes } = config;
    const reading = { width: Math.max(1, Math.min(2, surroundings.cores)), onThreads: true };
    const task = { database, reading, ...(cache === undefined ? {} : { cache }) };
    this.#config = config;
    this.#surroundings = surroundings;
    this.#scan = { pool, time: timeMs, imageBytes, task, clock: surroundings.clock };
    this.#watch = new DatabaseWatch(database, surroundings.logger);
    this.#keys = config.sbomKeys.map(({ key }) => ` ${key.spki.toString('base64')}`).join('');
  }

  /** Begins to follow the database; processes are started when there is something to scan. */
  static async open(config: FindingsConfig, surroundings: FindingsSurroundings): Promise<ImageFindings> {
    const { clock, logger, cores, program, openPool = (width, options) => new ScanPool(width, options) } = surroundings;
    const { cache } = config;
    // What workers were writing when they were killed.
    if (cache !== undefined) await removeStrays(cache.folder);
    const pool = openPool(config.workers, {
      program: program ?? workerProgram(),
      memoryBytes: config.memoryBytes,
      cores,
      readable: [config.database],
      writable: cache === undefined ? [] : [cache.folder],
      clock,
      logger,
    });
    const findings = new ImageFindings(config, surroundings, pool);
    findings.#watch.look();
    findings.#watching = findings.#follow(clock);
    return findings;
  }

  readonly revision = (): string => `${this.#watch.builtAt ?? 'none'}${this.#keys}`;

  /** @throws the signal's reason; looking goes on without whoever gave up */
  async find(
    remote: RemoteRepository,
    image: ResolvedVariant,
    signal: AbortSignal,
  ): Promise<Gathered<VulnerabilityFacts>> {
    const { clock } = this.#surroundings;
    const { builtAt } = this.#watch;
    if (builtAt === undefined) return this.#noDatabase();
    const { digest } = image.descriptor;
    const key = `${digest} ${builtAt}`;
    // What a registry did not give, or gave slowly, says nothing of the same image elsewhere.
    const place = `${key} ${repositoryName(remote)}`;
    const known = this.#recall(key, place);
    if (known !== undefined) return known;
    if (this.#calls.size >= findingLimits.waiting) return { state: 'pending' };
    const call = this.#calls.run(place, () => this.#look({ key, place }, remote, image));
    await waitFor(call, clock, signal);
    return this.#recall(`${digest} ${this.#watch.builtAt ?? builtAt}`, place) ?? { state: 'pending' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
    await this.#scan.pool[Symbol.asyncDispose]();
  }

  #recall(key: string, place: string): Gathered<VulnerabilityFacts> | undefined {
    const now = this.#surroundings.clock.now();
    return this.#known.get(key, now) ?? this.#known.get(place, now);
  }

  /** Looks, and remembers what came of it under the state of the database that was asked. */
  async #look(
    { key, place }: { readonly key: string; readonly place: string },
    remote: RemoteRepository,
    image: ResolvedVariant,
  ): Promise<void> {
    const { clock, observe } = this.#surroundings;
    const { digest } = image.descriptor;
    try {
      const found = await this.#findings(remote, image);
      const { content, builtAt } = found;
      if (content.findings === null || builtAt === undefined) {
        return this.#known.put(key, this.#noDatabase(), clock.now() + findingLimits.failedTime);
      }
      const { findings, problems, distro } = content;
      const value = vulnerabilityFacts({
        findings,
        problems,
        databaseBuiltAt: builtAt,
        ...gapsOf(content),
        ...(distro === undefined ? {} : { distro }),
      });
      this.#known.put(`${digest} ${builtAt}`, { state: 'known', value, at: clock.now() }, forGood);
      // Another one has taken its place meanwhile.
      if (builtAt !== this.#watch.builtAt) this.#watch.look();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      const [answer, until] = failed(error, clock.now());
      this.#known.put(answer.state === 'known' ? key : place, answer, until);
      observe?.(error instanceof UnscannableError ? error.code : 'CONTENT_UNAVAILABLE');
    }
  }

  async #findings(remote: RemoteRepository, image: ResolvedVariant): Promise<FoundInImage> {
    const { clock, observe } = this.#surroundings;
    const { signal } = this.#over;
    const listed = await findInSbom(remote, image, this.#config.sbomKeys, clock.now(), signal);
    const found =
      listed === undefined
        ? await scanLayers(this.#scan, remote, image, signal)
        : await judgeInventory(this.#scan, listed, signal);
    observe?.(listed === undefined ? 'layers' : 'sbom');
    return found;
  }

  #noDatabase(): Gathered<VulnerabilityFacts> {
    const { database } = this.#config;
    const reason = `there is no vulnerability database in ${database} that can be used; get one with "seaworthy db update"`;
    return { state: 'unavailable', reason };
  }

  async #follow(clock: Clock): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      await clock.sleep(findingLimits.databaseTime, signal).catch(() => undefined);
      if (!signal.aborted) this.#watch.look();
    }
  }
}

/** What is wrong with the image itself stays so; anything else may be better in a while. */
function failed(error: unknown, now: number): [answer: Gathered<VulnerabilityFacts>, until: number] {
  const message = errorMessage(error);
  if (error instanceof UnscannableError && permanentFailures.has(error.code)) {
    return [{ state: 'known', value: unscannableFacts(error.code, message), at: now }, forGood];
  }
  const reason = `it could not be scanned: ${message.replace(/\.$/, '')}`;
  return [{ state: 'unavailable', reason }, now + findingLimits.failedTime];
}

/** Waits for a call for a while. @throws the signal's reason */
async function waitFor(call: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  try {
    const pause = clock.sleep(findingLimits.waitTime, AbortSignal.any([signal, over.signal]));
    await Promise.race([call, pause.catch(() => signal.throwIfAborted())]);
  } finally {
    over.abort();
  }
}
