import type { Digest } from '../../oci/digest.ts';
import type { PreparedPush } from '../content/push-manifest.ts';
import type { Call } from '../pipeline/call.ts';
import type { Gate, Warnings } from '../pipeline/gate.ts';
import type { Subject } from '../pipeline/subject.ts';
import { type AskedManifest, askedOf } from './asked-manifest.ts';
import { holdUntilDecided } from './hold.ts';
import { judgeBlob } from './judge-blob.ts';
import { ManifestJudge } from './judge-manifest.ts';
import type { GateParts } from './parts.ts';
import type { GateEvent } from './model.ts';
import { refusalOf } from './refuse.ts';
import { passedBy, type PassedKind, passedKinds } from './passed-by.ts';

/** Names of tags by which signatures and statements are attached to an image. */
const attachmentTag = /^sha256-[0-9a-f]{64}(?:\.|$)/;

/**
 * The gate of a registry with a policy: what is pushed and what is pulled is judged by it, whoever asks and by whatever way. A blob
 * passes when an image that names it does, so that the layers of a refused image cannot be had one by one.
 */
export function openPolicyGate(parts: GateParts): Gate['judge'] {
  const judge = new ManifestJudge(parts);
  const decide = async (asked: AskedManifest, call: Call, kinds: readonly PassedKind[]): Promise<Warnings> => {
    const rules = parts.rules();
    const decided = await holdUntilDecided(parts, judge, asked, rules, call.signal);
    const tell = (kind: GateEvent['kind'], names: readonly string[]): void => {
      parts.observe({ kind, repository: asked.repository, digest: asked.digest, rules: names }, call);
    };
    if (decided.decision !== 'allow') {
      const deciding = decided.rules.filter(
        ({ action, outcome }) => action === 'deny' && (outcome === 'violated' || outcome === 'undecided'),
      );
      tell(
        decided.decision === 'deny' ? 'denied' : 'held',
        deciding.map(({ rule }) => rule),
      );
      throw refusalOf(decided, asked.digest, rules.retryAfter);
    }
    for (const kind of kinds) {
      const names = passedBy(decided, kind);
      if (names.length > 0) tell(kind, names);
    }
    return decided.warnings;
  };
  return (subject, call) => {
    const { repository, digest } = aboutOf(subject);
    if (subject.kind === 'manifest-in' && attaches(subject.push)) judge.forget(repository);
    if (parts.isExempt(call.identity, repository)) {
      if (subject.kind !== 'blob-out') parts.observe({ kind: 'exempt', repository, digest, rules: [] }, call);
      return undefined;
    }
    switch (subject.kind) {
      case 'manifest-in': {
        const { tags, bytes, manifest } = subject.push;
        const asked = { gate: 'push', repository, tags, digest, mediaType: manifest.mediaType, isNew: true } as const;
        return decide({ ...asked, bytes: () => Promise.resolve(bytes) }, call, passedKinds);
      }
      case 'manifest-out':
        return askedOf(parts, repository, subject.record, subject.tag).then((asked) =>
          decide(asked, call, passedKinds),
        );
      default:
        // Whether it is there, those who push must be able to ask.
        if (call.method === 'HEAD') return undefined;
        // What there is to warn of was told with the image's manifest.
        return judgeBlob(parts, subject, (asked) => decide(asked, call, ['opened', 'excepted'])).then(() => undefined);
    }
  };
}

function aboutOf(subject: Subject): { readonly repository: string; readonly digest: Digest } {
  switch (subject.kind) {
    case 'manifest-in':
      return { repository: subject.push.repository, digest: subject.push.manifest.digest };
    case 'manifest-out':
      return { repository: subject.repository, digest: subject.record.digest };
    default:
      return subject;
  }
}

/** Whether a push attaches something to what is there, which may change what is thought of that. */
function attaches({ manifest, tags }: PreparedPush): boolean {
  return manifest.subject !== undefined || tags.some((tag) => attachmentTag.test(tag));
}
