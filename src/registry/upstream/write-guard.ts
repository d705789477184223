import type { PreparedPush } from '../content/push-manifest.ts';
import { RegistryError } from '../error.ts';
import { gateLimits } from '../gate/limits.ts';
import { readSmallBlob } from '../gate/read-blob.ts';
import { readDocument } from '../gate/read-image.ts';
import type { Call } from '../pipeline/call.ts';
import type { Gate } from '../pipeline/gate.ts';
import type { Subject } from '../pipeline/subject.ts';
import type { Upstream } from './upstream.ts';

/**
 * Keeps clients from writing into repositories of upstreams, whoever they are: what is there is what the upstream has. A setting lets
 * permitted clients delete, or attach to what is there what is no image. What the registry writes itself goes by no request. Nor does it
 * let anybody mount from repositories that the upstream's `allow` and `deny` keep out.
 */
export function writeGuard(upstreamOf: (repository: string) => Upstream | undefined): Gate {
  return {
    enter({ method, route }: Call) {
      if (method === 'GET' || method === 'HEAD' || !('repository' in route)) return;
      const upstream = upstreamOf(route.repository);
      if (upstream === undefined) return;
      const isUpload = route.kind === 'uploads' || route.kind === 'upload';
      const needed = method === 'DELETE' && !isUpload ? 'delete' : 'attach';
      if (!upstream.config.write.includes(needed)) throw refused(upstream, needed);
    },
    judge(subject: Subject, call: Call): Promise<undefined> | undefined {
      // The rules of an upstream are about its blobs as well where they leave by a mount, which asks the upstream for nothing.
      if (subject.kind === 'mount') {
        const upstream = upstreamOf(subject.repository);
        upstream?.rules.check(upstream.path(subject.repository));
      }
      if (subject.kind !== 'manifest-in') return undefined;
      const { repository, tags, manifest } = subject.push;
      const upstream = upstreamOf(repository);
      if (upstream === undefined) return undefined;
      // A tag would hide the upstream's own of that name.
      if (tags.length > 0 || manifest.subject === undefined) throw refused(upstream, 'attach');
      return checkAttached(subject.push, upstream, call);
    },
  };
}

/**
 * What is attached is nothing that a runtime would unpack, by itself or carried in an index: it would pass for an image of the upstream
 * where a rule asks where images come from.
 */
async function checkAttached(
  { repository, bytes, manifest }: PreparedPush,
  { config: { host } }: Upstream,
  { origin, signal }: Call,
): Promise<undefined> {
  const document = await readDocument(bytes, manifest.mediaType, (layer) =>
    readSmallBlob(origin, repository, layer, gateLimits.claimedBytes, signal),
  );
  if (document.kind === 'artifact') return;
  // Blobs that an index lists need not be there: so it would say of the upstream's what nobody looked at.
  const isList = document.kind === 'index' && manifest.links.every(({ kind }) => kind === 'manifest');
  if (isList && document.images.every(({ carried }) => carried === undefined)) return;
  throw new RegistryError(
    'DENIED',
    `This repository is the upstream's, ${host}: an image is not attached, nor an index that holds one or lists blobs; push it to a repository of this registry's own`,
  );
}

function refused({ config: { host } }: Upstream, needed: 'delete' | 'attach'): RegistryError {
  const what =
    needed === 'delete'
      ? 'nothing can be deleted here, unless its setting write says delete'
      : 'nothing can be pushed here but, where its setting write says attach, what names a subject and has no tag';
  return new RegistryError('DENIED', `This repository is the upstream's, ${host}: ${what}`);
}
