/** Why a runtime asks an endpoint. */
export type EndpointRole =
  /** It is listed before the rest. */
  | 'mirror'
  /** It was named as the registry itself. */
  | 'server'
  /** Nobody named it: the runtime adds the image's own registry by itself. */
  | 'upstream';

/** Where a runtime sends requests for an image. */
export interface Endpoint {
  /** Scheme, host and path, as the requests go. */
  readonly url: string;
  /** Host and port, in lower case, without the port that the scheme has by itself. */
  readonly host: string;
  readonly role: EndpointRole;
  /** The line of the route's file that names it, from 1. */
  readonly line?: number;
  /** The proxy that requests go through, where the configuration names one. */
  readonly proxy?: string;
  /** Its certificate is not verified, or there is none: whoever is on the way may be asked instead. */
  readonly unverified?: true;
}

/** How bad something is. */
export type FindingLevel =
  /** A runtime may pull from elsewhere than the private registry. */
  | 'way-out'
  /** It cannot be told what the runtime does. */
  | 'unknown'
  /** Nothing is open because of it, and somebody should know. */
  | 'note';

/** Something about a node that a person should know. */
export interface Finding {
  /** In capitals; stable. */
  readonly code: string;
  readonly level: FindingLevel;
  /** The file on the node that it is about. */
  readonly file?: string;
  /** The line of that, from 1, where something stands there rather than is missing. */
  readonly line?: number;
  /** Completes a sentence that begins with the file. Without a full stop. */
  readonly sentence: string;
}

/** What becomes of a pull. */
export type RouteOutcome =
  /** The endpoints are asked in their order. */
  | 'asked'
  /** The runtime asks nobody. */
  | 'blocked'
  /** The endpoints are asked for the manifest, and the image is refused whatever they answer. */
  | 'refused';

/** The way of images of one host, or of some of its repositories. */
export interface Route {
  /** An image host, or a prefix of names below one (`docker.io/library`). */
  readonly image: string;
  readonly outcome: RouteOutcome;
  /** In the order in which they are tried. */
  readonly endpoints: readonly Endpoint[];
  /** The file that decides. */
  readonly file?: string;
  readonly findings: readonly Finding[];
}

/** The way of images while a runtime does not start with its files, or nothing of them can be read: a finding tells why. */
export function noRoute(image: string): Route {
  return { image, outcome: 'blocked', endpoints: [], findings: [] };
}

/** Writes a host and port as {@link Endpoint.host} has them. @param scheme `http` or `https` */
export function endpointHost(authority: string, scheme: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  return host.replace(scheme === 'http' ? /:80$/ : /:443$/, '').replace(/:$/, '');
}

/** An endpoint of its parts. */
export function endpointOf(scheme: string, authority: string, path: string, role: EndpointRole): Endpoint {
  const host = endpointHost(authority, scheme);
  const url = `${scheme}://${authority}${path}`;
  return scheme === 'http' ? { url, host, role, unverified: true } : { url, host, role };
}

/**
 * The host that a runtime asks for images of `imageHost` when nobody says otherwise. Docker Hub's registry has another name
 * than its images.
 */
export function upstreamHost(imageHost: string): string {
  return imageHost === 'docker.io' || imageHost === 'index.docker.io' ? 'registry-1.docker.io' : imageHost;
}

/** The endpoint that a runtime asks when nobody says otherwise. */
export function upstreamEndpoint(imageHost: string): Endpoint {
  return endpointOf('https', upstreamHost(imageHost), '/v2', 'upstream');
}
