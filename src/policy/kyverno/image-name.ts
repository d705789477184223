import { isDigest } from '../../oci/digest.ts';

/** An image as Kyverno names it. */
export interface KyvernoImage {
  /** The host, with its port: `docker.io` where none is written; empty where the default is not put before. */
  readonly registry: string;
  /** Without `library/`: `nginx`, `org/app`. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  /** `latest` where neither a tag nor a digest is written; empty beside a digest without one. */
  readonly tag: string;
  readonly digest: string;
}

/** How names are made whole. */
export interface ImageNaming {
  /** `docker.io` unless the cluster's configuration says otherwise. */
  readonly defaultRegistry: string;
  /** Whether it is put before names that have no host. */
  readonly addsRegistry: boolean;
}

/** As Kyverno has it when nobody configures anything. */
export const usualNaming: ImageNaming = { defaultRegistry: 'docker.io', addsRegistry: true };

const host = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?$/;
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagGrammar = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads the name of an image as Kyverno does: what stands before the first slash is a host when it has a dot or a colon, is
 * `localhost`, or has capitals. Undefined for what is no name of an image.
 */
export function parseKyvernoImage(
  text: string,
  { defaultRegistry, addsRegistry }: ImageNaming = usualNaming,
): KyvernoImage | undefined {
  if (text.length > 1024) return undefined;
  const mark = text.indexOf('@');
  const digest = mark < 0 ? '' : text.slice(mark + 1);
  // A digest that no runtime takes names nothing (Go, opencontainers/go-digest, `Parse`).
  if (mark >= 0 && !isDigest(digest)) return undefined;
  const named = mark < 0 ? text : text.slice(0, mark);
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  if (hasHost && !host.test(first)) return undefined;
  const rest = hasHost ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const written = colon < 0 ? undefined : rest.slice(colon + 1);
  if (written !== undefined && !tagGrammar.test(written)) return undefined;
  const parts = path.split('/');
  if (!parts.every((part) => pathPart.test(part))) return undefined;
  return {
    registry: hasHost ? first : addsRegistry ? defaultRegistry : '',
    path,
    name: parts.at(-1) ?? '',
    tag: written ?? (digest === '' ? 'latest' : ''),
    digest,
  };
}

/** What patterns of images are compared with: beside a digest, the tag is left out (Kyverno, ImageInfo.String). */
export function formatKyvernoImage({ registry, path, tag, digest }: KyvernoImage): string {
  const repository = registry === '' ? path : `${registry}/${path}`;
  return digest === '' ? `${repository}:${tag}` : `${repository}@${digest}`;
}
