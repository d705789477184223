import { RegistrySource } from '../../admission/source/registry-source.ts';
import type { Looked } from '../../evidence/looked.ts';
import { once } from '../../evidence/once.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import { oneSpelling } from '../../policy/resource/image-spellings.ts';
import { podOfImage } from '../../policy/resource/pod-of-image.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { SigningSession } from '../signing/session.ts';
import type { CheckOptions } from './check-options.ts';
import { isNameEnough, judgeByName } from './judge-by-name.ts';
import { judgeByObjects } from './judge-by-objects.ts';
import { judgeByOwn } from './judge-by-own.ts';
import { knownEvidence } from './known-evidence.ts';
import { type LocalImage, LocalSource } from './local-source.ts';
import type { ImageReport } from './model.ts';
import { type GivenImage, nameLocally } from './name-image.ts';
import { PipelineJudge } from './pipeline-judge.ts';
import type { PolicySet } from './read-policies.ts';
import { ownAccess } from './own-access.ts';
import { openParts, type SessionParts, whyUnknown } from './session-parts.ts';
import { worstDecision } from './worst-decision.ts';

/** Judges images by policies, as a gate of a pipeline. */
export class PolicySession implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #policies: PolicySet;
  readonly #options: Pick<CheckOptions, 'namespace' | 'as'>;
  readonly #session: SigningSession;
  readonly #opened = new AsyncDisposableStack();
  readonly #parts: () => Promise<SessionParts>;

  constructor(settings: Settings, host: Host, policies: PolicySet, options: Pick<CheckOptions, 'namespace' | 'as'>) {
    // Scans and registries both ask for the password, and standard input tells it once.
    let stdin: Promise<Buffer> | undefined;
    const shared: Host = { ...host, readStdin: (most) => (stdin ??= host.readStdin(most)) };
    this.#settings = settings;
    this.#policies = policies;
    this.#options = options;
    this.#session = this.#opened.use(new SigningSession(settings, shared));
    this.#parts = once(() => openParts(settings, shared, this.#session, this.#opened));
  }

  /**
   * Says what the policies say of an image. That something could not be looked at is a verdict, and no error.
   *
   * @throws what is wrong with files and settings that the user named, or with an image that is in no registry; the signal's reason
   */
  async judge(given: GivenImage): Promise<ImageReport> {
    const looked: Looked[] = [];
    const parts = await this.#parts();
    const { judge, reference: written } = await this.#judgeOf(given, parts, looked);
    // As in a cluster: nobody gets around a policy by another spelling of a host.
    const reference = oneSpelling(written);
    const { signal } = this.#session;
    const { image: policy, objects } = this.#policies;
    const asks = policy !== undefined && !isNameEnough(policy, reference);
    const digest = asks ? await judge.resolve(reference, ownAccess, signal) : undefined;
    const image = digest?.state === 'known' ? { reference, digest: digest.value } : undefined;
    const unseen = digest === undefined || digest.state === 'known' ? undefined : whyUnknown(digest);
    const own =
      image === undefined
        ? judgeByName(policy, reference, unseen, parts.clock.now())
        : await judgeByOwn(judge, policy, image, parts, signal);
    const pod = podOfImage(formatReference(written), this.#options.namespace);
    const others = await judgeByObjects(judge, objects, pod, parts, signal);
    const known = judge.knownDigest(reference);
    const why = [own.why, others.why].filter((each) => each !== undefined).join('; ');
    const { exceptions = [], validUntil } = own.verdict ?? {};
    const exceptionHelp = policy?.policy.exceptionHelp;
    return {
      name: given.name,
      from: given.source.kind,
      reference: formatReference(reference),
      ...(known === undefined ? {} : { digest: known }),
      decision: worstDecision([own.decision, others.decision]),
      ...(why === '' ? {} : { why }),
      rules: [...own.rules, ...others.rules],
      notAbout: [...own.notAbout, ...others.notAbout],
      warnings: [...own.warnings, ...others.warnings],
      exceptions,
      ...(exceptionHelp === undefined ? {} : { exceptionHelp }),
      ...(validUntil === undefined ? {} : { validUntil }),
      looked,
      evidence: knownEvidence(own.platforms),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  async #judgeOf(
    given: GivenImage,
    { repositories, findings, trust, clock }: SessionParts,
    looked: Looked[],
  ): Promise<{ readonly judge: PipelineJudge; readonly reference: Reference }> {
    const now = (): number => clock.now();
    const { source } = given;
    const { as } = this.#options;
    if (source.kind === 'registry') {
      if (as !== undefined) throw new ConfigError('SETTING_INVALID', '--as is for images that are in no registry');
      const { platform } = this.#settings;
      const registry = new RegistrySource({
        repositories,
        clock,
        trust: () => ({ trust: trust.current, revision: '' }),
        platforms: platform === undefined ? [] : [platform],
        findings,
        observe: (each) => void looked.push(each),
      });
      return { judge: new PipelineJudge(registry, now), reference: source.reference };
    }
    const artifact = await findings.describe(given.name, source);
    const reference = nameLocally(given, artifact, as);
    if (artifact.image === undefined) throw new TypeError('an image was opened');
    const local: LocalImage = { ...given, reference, facts: artifact.image };
    return { judge: new PipelineJudge(new LocalSource(local, findings, now), now), reference };
  }
}
