import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { errorMessage } from '../../base/error.ts';
import { silentProgress } from '../../base/progress.ts';
import { buildImage } from '../../oci/build/build-image.ts';
import { invalidBuild } from '../../oci/build/error.ts';
import type { BuiltContent } from '../../oci/build/model.ts';
import { formatPlatform, hostPlatform } from '../../oci/platform.ts';
import { creationTime } from '../../signing/cosign/created.ts';
import { tellDone } from '../attachments/tell.ts';
import type { BuildFlags } from '../build/flags.ts';
import { openBase } from '../build/open-base.ts';
import { parsePairs, readChanges } from '../build/read-changes.ts';
import { readCompression, readLayers, readPlatforms } from '../build/read-layers.ts';
import { type BuildTargets, readTargets } from '../build/read-targets.ts';
import { push, storeLocally } from '../build/store-image.ts';
import { countOf } from '../terminal/count-of.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { progressOf } from '../progress.ts';
import { SigningSession } from '../signing/session.ts';

/**
 * `build`: makes an image of files and stores it. What it prints is the image's digest, with the repository where it was pushed.
 *
 * @throws BuildError, OciError, NetError, ConfigError SETTING_INVALID, SigningError for a wrong SOURCE_DATE_EPOCH
 */
export async function buildCommand(flags: BuildFlags, { settings }: ResolvedSettings, host: Host): Promise<number> {
  const targets = readTargets(flags, host.cwd);
  const usual = hostPlatform(host.arch);
  const given = readPlatforms(flags.platform);
  const platforms = given.length > 0 || settings.platform === undefined ? given : [settings.platform];
  if (platforms.length > 1 && targets.local.some(({ kind }) => kind === 'docker-archive')) {
    throw invalidBuild('A docker-archive holds an image for one platform; write an oci-archive, or build for one');
  }
  const request = {
    platforms,
    defaultPlatform: usual,
    layers: readLayers(flags),
    changes: readChanges(flags),
    annotations: {
      ...(flags.revision === undefined ? {} : { 'org.opencontainers.image.revision': flags.revision }),
      ...parsePairs(flags.annotation, '--annotation'),
    },
    compression: readCompression(flags.compression),
    time: creationTime(host.env, () => new Date(0)),
  };
  if (flags.from === 'scratch' && request.layers.length === 0) {
    throw invalidBuild('An image of nothing on nothing holds nothing; add files with --add, or a base with --from');
  }
  await using session = new SigningSession(settings, host);
  const { signal } = session;
  const progress = progressOf(settings, host) ?? silentProgress;
  const base = await openBase(flags.from, session, { cwd: host.cwd, usual });
  const warnings: string[] = [];
  await using content = await buildImage(request, {
    cwd: host.cwd,
    spoolFolder: join(settings.cacheDir, 'spool'),
    ...(base === undefined ? {} : { openBase: base.open }),
    ...(base?.name === undefined ? {} : { baseName: base.name }),
    warn: (sentence) => warnings.push(sentence),
    progress,
    signal,
  });
  const stored = { names: targets.names, progress, signal };
  for (const target of targets.local) await storeLocally(content, target, stored);
  if (targets.push !== undefined) {
    const { reference, tags } = targets.push;
    await push(content, await session.remote(reference), base?.remote, tags, stored);
  }
  if (flags.digestFile !== undefined) await writeDigest(flags.digestFile, content, host);
  for (const warning of new Set(warnings)) await host.stderr.write(`${warning}\n`);
  await tellDone(describe(content, targets), settings, host);
  await host.stdout.write(
    flags.json === true ? `${JSON.stringify(report(content, targets), null, 2)}\n` : `${nameOf(content, targets)}\n`,
  );
  return exitCode.ok;
}

function nameOf({ root }: BuiltContent, { push: pushed }: BuildTargets): string {
  const { digest } = root.descriptor;
  if (pushed === undefined) return digest;
  return `${pushed.reference.registry}/${pushed.reference.repository}@${digest}`;
}

function describe({ images }: BuiltContent, targets: BuildTargets): string {
  const platforms = images.map(({ platform }) => formatPlatform(platform)).join(', ');
  const { registry = '', repository = '' } = targets.push?.reference ?? {};
  const pushed = targets.push?.tags.map((tag) => `${registry}/${repository}:${tag}`) ?? [];
  const layers = countOf(images[0]?.layers.length ?? 0, 'layer');
  return `Built an image of ${layers} for ${platforms}: ${[...targets.local.map(({ name }) => name), ...pushed].join(', ')}`;
}

/** What scripts may rely on. */
function report(content: BuiltContent, targets: BuildTargets): unknown {
  const { digest, mediaType, size } = content.root.descriptor;
  const { push: pushed } = targets;
  return {
    digest,
    mediaType,
    size,
    images: content.images.map(({ platform, manifest, config, layers }) => ({
      platform: formatPlatform(platform),
      digest: manifest.descriptor.digest,
      config: config.descriptor.digest,
      layers: layers.map((layer) => ({ digest: layer.digest, mediaType: layer.mediaType, size: layer.size })),
    })),
    outputs: targets.local.map(({ name }) => name),
    ...(pushed === undefined ? {} : { reference: nameOf(content, targets), tags: pushed.tags }),
  };
}

async function writeDigest(file: string, { root }: BuiltContent, { cwd }: Host): Promise<void> {
  try {
    await writeFileAtomic(resolve(cwd, file), `${root.descriptor.digest}\n`);
  } catch (cause) {
    const message = `The digest cannot be written to ${file} (${errorMessage(cause)}); name another with --digest-file`;
    throw new ConfigError('SETTING_INVALID', message, { cause });
  }
}
