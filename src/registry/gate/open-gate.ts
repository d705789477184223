import type { Digest } from '../../oci/digest.ts';
import { RegistryError } from '../error.ts';
import type { Call } from '../pipeline/call.ts';
import type { Gate, Warnings } from '../pipeline/gate.ts';
import type { Subject } from '../pipeline/subject.ts';
import { askedOf } from './asked-manifest.ts';
import { type Held, holdUntilDecided, type Looked } from './hold.ts';
import { judgeBlob } from './judge-blob.ts';
import { ManifestJudge } from './judge-manifest.ts';
import type { GateEvent, GateRules } from './model.ts';
import type { GateParts } from './parts.ts';
import { passedBy, type PassedKind, passedKinds } from './passed-by.ts';
import { refusalOf } from './refuse.ts';

type Look = (rules: GateRules, signal: AbortSignal) => Promise<Looked | undefined>;
type BlobOut = Extract<Subject, { readonly kind: 'blob-out' | 'mount' }>;

/**
 * The gate of a registry with a policy: what is pushed and what is pulled is judged by it, whoever asks and by whatever way. A blob
 * passes when an image that names it does, so that the layers of a refused image cannot be had one by one; a mount into another repository is
 * judged as if it left.
 */
export function openPolicyGate(parts: GateParts): Gate['judge'] {
  const judge = new ManifestJudge(parts);
  const conclude = (held: Held, repository: string, call: Call, kinds: readonly PassedKind[]): Warnings => {
    const { decided, digest, rules } = held;
    const tell = (kind: GateEvent['kind'], names: readonly string[]): void => {
      parts.observe({ kind, repository, digest, rules: names }, call);
    };
    if (decided.decision !== 'allow') {
      const deciding = decided.rules.filter(
        ({ action, outcome }) => action === 'deny' && (outcome === 'violated' || outcome === 'undecided'),
      );
      tell(
        decided.decision === 'deny' ? 'denied' : 'held',
        deciding.map(({ rule }) => rule),
      );
      throw refusalOf(decided, digest, rules.retryAfter);
    }
    for (const kind of kinds) {
      const names = passedBy(decided, kind);
      if (names.length > 0) tell(kind, names);
    }
    return decided.warnings;
  };
  const hold = (look: Look, subject: Subject, call: Call, patient = true): Promise<Held | undefined> => {
    const onLate = (): void => parts.observe({ kind: 'held', ...aboutOf(subject), rules: [] }, call);
    return holdUntilDecided(parts, look, { signal: call.signal, patient, onLate });
  };
  const judgeManifest = async (look: Look, subject: Subject, call: Call): Promise<Warnings | undefined> => {
    const held = await hold(look, subject, call);
    return held === undefined ? undefined : conclude(held, aboutOf(subject).repository, call, passedKinds);
  };
  /** What there is to warn of was told with the image's manifest. */
  const judgeLayer = async (subject: BlobOut, call: Call): Promise<undefined> => {
    const look: Look = (rules, signal) => judgeBlob(parts, judge, subject, rules, signal);
    // Whoever is not let mount a blob uploads it, which is sooner done than waited for.
    const patient = subject.kind === 'blob-out';
    const held = await hold(look, subject, call, patient);
    if (held !== undefined) conclude(held, subject.repository, call, ['opened', 'excepted']);
    else if (parts.rules() !== undefined) checkUnnamed(parts, subject, call);
    return undefined;
  };
  return (subject, call) => {
    if (parts.rules() === undefined) return undefined;
    const { repository, digest } = aboutOf(subject);
    if (parts.isExempt(call.identity, repository)) {
      if (subject.kind === 'manifest-in' || subject.kind === 'manifest-out')
        parts.observe({ kind: 'exempt', repository, digest, rules: [] }, call);
      return undefined;
    }
    switch (subject.kind) {
      case 'manifest-in': {
        const { tags, bytes, manifest } = subject.push;
        const { mediaType } = manifest;
        const asked = { gate: 'push', repository, tags, digest, mediaType, isNew: true } as const;
        const whole = { ...asked, bytes: () => Promise.resolve(bytes) };
        return judgeManifest((rules, signal) => judge.judge(whole, rules, signal), subject, call);
      }
      case 'manifest-out': {
        const { record, tag } = subject;
        const look: Look = async (rules, signal) =>
          judge.judge(await askedOf(parts, repository, record, rules, tag), rules, signal);
        return judgeManifest(look, subject, call);
      }
      default:
        // Whether it is there, those who push must be able to ask.
        return call.method === 'HEAD' ? undefined : judgeLayer(subject, call);
    }
  };
}

/**
 * A blob that no manifest names is nobody's image yet, and is shown to those who may have just pushed it. To others it may be a layer of
 * an image that was refused, and is gone since.
 *
 * @throws RegistryError BLOB_UNKNOWN
 */
function checkUnnamed({ isCached }: GateParts, { repository, digest }: BlobOut, { may }: Call): void {
  if (!isCached(repository) && may('push', repository)) return;
  throw new RegistryError('BLOB_UNKNOWN', 'No manifest of this repository names this blob', { detail: { digest } });
}

function aboutOf(subject: Subject): { readonly repository: string; readonly digest: Digest } {
  switch (subject.kind) {
    case 'manifest-in':
      return { repository: subject.push.repository, digest: subject.push.manifest.digest };
    case 'manifest-out':
      return { repository: subject.repository, digest: subject.record.digest };
    default:
      return { repository: subject.repository, digest: subject.digest };
  }
}
