import { printableJson } from '../../base/printable-json.ts';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { findBundles } from '../../signing/cosign/bundles.ts';
import { cleanAttachments, type CleanType } from '../../signing/cosign/clean.ts';
import { findAllAttachments, type PlacedAttachment } from '../../signing/cosign/find-all.ts';
import { findLegacySignatures, type LegacyKind } from '../../signing/cosign/legacy-signatures.ts';
import { attachmentTag, type TaggedKind } from '../../signing/cosign/tags.ts';
import { isPredicateType, predicateTypeOf, signPredicateType } from '../../signing/statement/predicate-type.ts';
import { fetchSbom } from '../../signing/cosign/fetch-sbom.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode, verifyExitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { payloadReference } from '../signing/cosign-json.ts';
import { guarded } from '../signing/guarded.ts';
import type { ResolvedImage } from '../signing/session.ts';

/** `tree`: shows what is attached to an image, and to that. Nothing is verified. */
export function treeCommand(
  name: string,
  output: 'text' | 'json',
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const { attachments, problems } = await findAllAttachments(image.attachments, [image.digest], {
      signal: session.signal,
    });
    for (const { subject, message } of problems) await host.stderr.write(`${cleanText(`${subject}: ${message}`)}\n`);
    if (output === 'json') await host.stdout.write(`${printableJson(treeJson(image, attachments))}\n`);
    else await host.stdout.write(`${treeLines(image, attachments).map(cleanText).join('\n')}\n`);
    return exitCode.ok;
  });
}

function treeJson({ name, digest }: ResolvedImage, attachments: readonly PlacedAttachment[]): unknown {
  return {
    image: name,
    digest,
    attachments: attachments.map(({ subject, descriptor, kind, form, tag, artifactType, predicateType }) => ({
      subject,
      digest: descriptor.digest,
      kind,
      form,
      tag: tag ?? null,
      artifactType: artifactType ?? null,
      predicateType: predicateType ?? null,
    })),
  };
}

function treeLines({ name, digest }: ResolvedImage, attachments: readonly PlacedAttachment[]): string[] {
  const lines = [name, digest];
  const visit = (subject: string, indent: string): void => {
    const children = attachments.filter((one) => one.subject === subject);
    children.forEach((one, at) => {
      const last = at === children.length - 1;
      const type = one.predicateType ?? one.tag ?? one.artifactType ?? one.descriptor.mediaType;
      lines.push(`${indent}${last ? '└─' : '├─'} ${one.kind} (${one.form}): ${type}`);
      lines.push(`${indent}${last ? '   ' : '│  '}${one.descriptor.digest}`);
      visit(one.descriptor.digest, `${indent}${last ? '   ' : '│  '}`);
    });
  };
  visit(digest, '');
  if (lines.length === 2) lines.push('nothing is attached');
  return lines;
}

/** `triangulate`: prints where the older layout keeps what belongs to an image. */
export function triangulateCommand(
  name: string,
  type: TaggedKind,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const { client, repository } = image.attachments;
    const reference = { registry: client.registry, repository };
    await host.stdout.write(`${payloadReference({ reference })}:${attachmentTag(image.digest, type)}\n`);
    return exitCode.ok;
  });
}

/** `clean`: removes what is attached to an image. */
export async function cleanCommand(
  name: string,
  type: CleanType,
  yes: boolean,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (!yes) {
    const what = type === 'all' ? 'everything' : `every ${type}`;
    const answer = await host.ask?.(`Remove ${what} that is attached to ${cleanText(name)}? [y/N] `, false);
    if (answer === undefined) throw new ConfigError('SETTING_INVALID', 'What is removed is gone; agree with --force');
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new ConfigError('SETTING_INVALID', 'Nothing was removed');
  }
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const { removed, problems } = await cleanAttachments(image.attachments, image.digest, type, {
      signal: session.signal,
    });
    for (const { subject, message } of problems) await host.stderr.write(`${cleanText(`${subject}: ${message}`)}\n`);
    for (const { kind, descriptor } of removed) await host.stderr.write(`Removed ${kind} ${descriptor.digest}\n`);
    if (removed.length === 0) await host.stderr.write('Nothing of that kind is attached\n');
    return exitCode.ok;
  });
}

/** `download signature`: prints the signatures of an image, bundles first, one a line. */
export function downloadSignatureCommand(name: string, { settings }: ResolvedSettings, host: Host): Promise<number> {
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const { signal } = session;
    const { bundles } = await findBundles(image.attachments, image.digest, { signal });
    const lines = bundles
      .filter(({ predicateType }) => predicateType === signPredicateType)
      .map(({ bytes }) => oneLine(bytes));
    const legacy = await findLegacySignatures(image.attachments, image.digest, 'signature', { signal });
    for (const { payload, annotations } of legacy?.signatures ?? []) lines.push(legacyLine(payload, annotations));
    return printLines(lines, name, 'signature', host);
  });
}

/** `download attestation`: prints what is attested of an image, bundles first, one a line. */
export function downloadAttestationCommand(
  name: string,
  type: string | undefined,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const wanted = type === undefined ? undefined : predicateTypeOf(type);
  if (type !== undefined && wanted === undefined) {
    throw new ConfigError('SETTING_INVALID', `"${type.slice(0, 100)}" is no type of predicate; write a name or a URI`);
  }
  const isWanted = (found: string | undefined): boolean =>
    wanted === undefined || (found !== undefined && isPredicateType(found, wanted));
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const { signal } = session;
    const { bundles } = await findBundles(image.attachments, image.digest, { signal });
    const lines = bundles
      .filter(({ predicateType }) => predicateType !== signPredicateType && isWanted(predicateType))
      .map(({ bytes }) => oneLine(bytes));
    const kind: LegacyKind = 'attestation';
    const legacy = await findLegacySignatures(image.attachments, image.digest, kind, { signal });
    for (const { payload, annotations } of legacy?.signatures ?? []) {
      if (isWanted(annotations['predicateType'])) lines.push(oneLine(payload));
    }
    return printLines(lines, name, 'attestation', host);
  });
}

/** `download sbom`: prints the SBOM at an image's `.sbom` tag as it is. */
export function downloadSbomCommand(name: string, { settings }: ResolvedSettings, host: Host): Promise<number> {
  return guarded(settings, host, async (session) => {
    const image = await session.resolve(name);
    const sbom = await fetchSbom(image.attachments, image.digest, session.signal);
    if (sbom === undefined) return printLines([], name, 'SBOM', host);
    await host.stderr.write(`Found SBOM of media type: ${cleanText(sbom.mediaType)}\n`);
    await host.stdout.write(sbom.bytes.toString('utf8'));
    return exitCode.ok;
  });
}

async function printLines(lines: readonly string[], name: string, what: string, host: Host): Promise<number> {
  if (lines.length === 0) {
    await host.stderr.write(
      `${cleanText(`error NO_SIGNATURES: ${name} has no ${what}; "seaworthy tree" shows what it has`)}\n`,
    );
    return verifyExitCode.unsigned;
  }
  for (const line of lines) await host.stdout.write(`${line}\n`);
  return exitCode.ok;
}

/** JSON without line ends; what is no JSON cannot be printed as a line and is refused. */
function oneLine(bytes: Buffer): string {
  try {
    return JSON.stringify(parseStrictJson(bytes));
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return JSON.stringify({ unreadable: error.message });
  }
}

/** As cosign prints a signature of the older form. */
function legacyLine(payload: Buffer, annotations: Readonly<Record<string, string>>): string {
  const bundle = annotations['dev.sigstore.cosign/bundle'];
  const certificate = annotations['dev.sigstore.cosign/certificate'];
  return JSON.stringify({
    Base64Signature: annotations['dev.cosignproject.cosign/signature'] ?? '',
    Payload: payload.toString('base64'),
    Cert: certificate ?? null,
    Chain: annotations['dev.sigstore.cosign/chain'] ?? null,
    Bundle: bundle === undefined ? null : parseStrictJson(Buffer.from(bundle)),
    RFC3161Timestamp: annotations['dev.sigstore.cosign/rfc3161timestamp'] ?? null,
  });
}
