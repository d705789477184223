import { ServiceSelector, SigningConfig as ProtoConfig } from '@sigstore/protobuf-specs';
import { errorMessage } from '../../base/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { leadsInward } from '../../net/host.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { checkProtoJson } from '../proto-json.ts';
import { signingConfigShape } from './shape.ts';
import { isWithin, type ValidityWindow } from './trust-material.ts';

/** Where to sign: which services, and how many of each kind. */
export interface SigningConfig {
  readonly authorities: readonly Service[];
  readonly issuers: readonly Service[];
  readonly logs: ServiceChoice;
  readonly timestampAuthorities: ServiceChoice;
}

/** One service. */
export interface Service {
  readonly url: string;
  readonly apiVersion: number;
  readonly operator: string;
  readonly window: ValidityWindow;
}

/** Services of one kind, and how many of them a signature needs. */
export interface ServiceChoice {
  readonly services: readonly Service[];
  readonly selector: 'any' | 'all' | number;
}

const mediaType = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';

/**
 * Reads a `signing_config.json` (sigstore_trustroot.proto, `SigningConfig` v0.2). One that was fetched may not name addresses
 * of this machine or its link, where tokens and signatures would be sent then; a user's own file may.
 *
 * @param name where it came from, for messages
 * @param from the server that it was fetched from
 * @throws SigningError SIGNING_CONFIG_INVALID
 */
export function parseSigningConfig(bytes: Uint8Array, name: string, from?: URL): SigningConfig {
  if (bytes.length > signingLimits.trustBytes) throw invalid(name, `it has ${bytes.length} bytes`);
  try {
    const json = parseStrictJson(bytes);
    checkProtoJson(json, signingConfigShape, 'the signing config', 'ignore');
    const config = ProtoConfig.fromJSON(json);
    if (config.mediaType !== mediaType) throw invalid(name, `it calls itself "${config.mediaType.slice(0, 100)}"`);
    const services = [config.caUrls, config.oidcUrls, config.rekorTlogUrls, config.tsaUrls].flat();
    const inward = from && services.find(({ url }) => isInwardFrom(from, url))?.url;
    if (inward !== undefined) throw invalid(name, `it leads into this machine, to ${inward.slice(0, 100)}`);
    return {
      authorities: config.caUrls.map(serviceOf),
      issuers: config.oidcUrls.map(serviceOf),
      logs: { services: config.rekorTlogUrls.map(serviceOf), selector: selectorOf(config.rekorTlogConfig) },
      timestampAuthorities: { services: config.tsaUrls.map(serviceOf), selector: selectorOf(config.tsaConfig) },
    };
  } catch (error) {
    if (error instanceof SigningError) throw error;
    throw invalid(name, errorMessage(error), error);
  }
}

/**
 * Chooses the services to use, as the message's comments in sigstore_trustroot.proto say: those that are valid now and
 * speak a version that is known, the newest first, of each operator the highest version alone, then as many as the selector
 * asks for.
 *
 * @param kind for messages: `log`
 * @throws SigningError SIGNING_CONFIG_INVALID when there are too few
 */
export function selectServices(
  { services, selector }: ServiceChoice,
  versions: readonly number[],
  now: Date,
  kind: string,
): readonly Service[] {
  const usable = services
    .filter(({ apiVersion, window }) => versions.includes(apiVersion) && isWithin(window, now))
    .toSorted((a, b) => (b.window.start?.getTime() ?? 0) - (a.window.start?.getTime() ?? 0));
  const best = new Map<string, Service>();
  usable.forEach((service, at) => {
    // Services without an operator do not stand for each other.
    const operator = service.operator === '' ? `\0${at}` : service.operator;
    const other = best.get(operator);
    if (other === undefined || other.apiVersion < service.apiVersion) best.set(operator, service);
  });
  const chosen = [...best.values()];
  const wanted = selector === 'any' ? 1 : selector === 'all' ? Math.max(1, chosen.length) : selector;
  if (chosen.length < wanted) {
    const message = `The signing config has ${chosen.length} usable services of the kind "${kind}" where ${wanted} are needed`;
    throw new SigningError('SIGNING_CONFIG_INVALID', `${message}; get a newer one with "seaworthy initialize"`);
  }
  return chosen.slice(0, wanted);
}

function isInwardFrom(from: URL, address: string): boolean {
  const url = URL.parse(address);
  return url !== null && leadsInward(from, url);
}

type ProtoService = ProtoConfig['caUrls'][number];

function serviceOf({ url, majorApiVersion, operator, validFor }: ProtoService): Service {
  const window = {
    ...(validFor?.start === undefined ? {} : { start: validFor.start }),
    ...(validFor?.end === undefined ? {} : { end: validFor.end }),
  };
  return { url, apiVersion: majorApiVersion, operator, window };
}

function selectorOf(config: ProtoConfig['rekorTlogConfig']): ServiceChoice['selector'] {
  switch (config?.selector) {
    case ServiceSelector.ALL:
      return 'all';
    case ServiceSelector.EXACT:
      return config.count;
    default:
      return 'any';
  }
}

function invalid(name: string, why: string, cause?: unknown): SigningError {
  const message = `The signing config ${name} cannot be used: ${why}; get it again, or name another with --signing-config`;
  return new SigningError('SIGNING_CONFIG_INVALID', message, cause === undefined ? undefined : { cause });
}
