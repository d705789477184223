import { type Logger, silentLogger } from '../../base/logger.ts';
import { isNetError, NetError } from '../../net/error.ts';
import { type NetworkRange, parseNetworkRange } from '../../net/network-range.ts';
import type { Clock } from '../../net/clock.ts';
import { isPrivateHost } from '../../net/private-address.ts';
import type { Network } from '../../net/network.ts';
import type { Reach } from '../../net/reach.ts';
import { registrableDomain } from '../../net/registrable-domain.ts';
import { type HostPattern, matchesHost } from './host-pattern.ts';
import { reachLimits } from './limits.ts';
import type { ReachSettings } from './model.ts';
import { RecentSet } from './recent-set.ts';
import { refusedHosts } from './refused-hosts.ts';
import { Turns } from './turns.ts';

/** What a {@link RegistryReach} works with. */
export interface RegistryReachParts {
  readonly clock: Clock;
  readonly logger?: Logger;
  /** What settings say of hosts without TLS: a host that somebody lets be asked so is one that they vouch for. */
  readonly plainHttp?: Network['plainHttp'];
  /** Where the API server is, as pods are told (`KUBERNETES_SERVICE_HOST`); it is no registry. */
  readonly apiServer?: string | undefined;
}

/**
 * Where requests about images may lead, and how many may be under way. Names of images are chosen by whoever makes an object, and
 * registries choose where they redirect to: neither may make this program speak to what only it can reach, nor tell what is there.
 */
export class RegistryReach {
  /** For requests: names are looked at when they are connected to. */
  readonly reach: Reach;
  readonly #allow: readonly HostPattern[];
  readonly #deny: readonly HostPattern[];
  readonly #plainHttp: Network['plainHttp'];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #strangers = new Turns(reachLimits.strangers);
  readonly #known = new Turns(reachLimits.known);
  readonly #answered = new RecentSet(reachLimits.hosts);
  readonly #public = new RecentSet(reachLimits.hosts);
  readonly #registries = new RecentSet(reachLimits.hosts);
  readonly #told = new Map<string, number>();
  /** Since when hosts are counted, how many were told since then, and how many were not. */
  #tellingSince = Number.NEGATIVE_INFINITY;
  #toldNow = 0;
  #untold = 0;

  constructor(
    settings: ReachSettings,
    { clock, logger = silentLogger, plainHttp = () => undefined, apiServer }: RegistryReachParts,
  ) {
    this.#allow = settings.allow;
    this.#deny = settings.deny;
    this.#plainHttp = plainHttp;
    this.#clock = clock;
    this.#logger = logger;
    const own: NetworkRange | undefined = apiServer === undefined ? undefined : parseNetworkRange(apiServer);
    const refuses = refusedHosts([...settings.refuse, ...(own === undefined ? [] : [own])]);
    this.reach = {
      key: 'registries',
      isExempt: (url) => this.isAllowed(url),
      refuses,
      refusal: (host) => new NetError('DENIED', host, `${host} leads to where no images are asked for`),
      resolved: (hostname, addresses) => {
        if (addresses.some(isPrivateHost)) this.#public.delete(hostname);
        else this.#public.add(hostname);
      },
    };
  }

  /** Requests to hosts that never answered, and to others, that are under way. */
  get underWay(): { readonly strangers: number; readonly known: number } {
    return { strangers: this.#strangers.size, known: this.#known.size };
  }

  /** Whether whoever runs this program vouches for a host. */
  isAllowed(url: URL): boolean {
    const plain = this.#plainHttp(url.host);
    return plain === 'asked' || plain === 'either' || this.#allow.some((pattern) => matchesHost(pattern, url));
  }

  /** Whether a registry is not asked for images that objects name. */
  isDenied(url: URL): boolean {
    return !this.isAllowed(url) && this.#deny.some((pattern) => matchesHost(pattern, url));
  }

  /** Whether anybody may know what is at a host, since anybody reaches it. */
  isPublic(url: URL): boolean {
    const { hostname } = url;
    return /^[\d.]+$|^\[/.test(hostname) ? !isPrivateHost(hostname) : this.#public.has(hostname);
  }

  /** Waits for a place for a request. @throws NetError where there are too many, the signal's reason */
  async enter(url: URL, signal: AbortSignal | undefined): Promise<() => void> {
    const turns = this.#answered.has(url.host) ? this.#known : this.#strangers;
    const leave = await turns.enter(registrableDomain(url.hostname) ?? url.hostname, signal);
    if (leave !== undefined) return leave;
    const sentence = `${url.host} was not asked, since too many registries are waited for; try again in a moment`;
    throw new NetError('UNREACHABLE', url.host, sentence);
  }

  /** Whether a registry was found there. */
  isRegistry(url: URL): boolean {
    return this.#registries.has(url.origin);
  }

  foundRegistry(url: URL): void {
    this.#registries.add(url.origin);
  }

  answered(url: URL): void {
    this.#answered.add(url.host);
  }

  /**
   * What may be told of a failure to whoever chose the name of an image: of hosts that not everybody reaches, the same words whether
   * nobody is there, nobody answers, or somebody else does. The log has the reason.
   */
  discreet(error: unknown, url: URL): unknown {
    if (!isNetError(error)) return error;
    if (error.code === 'TIMEOUT' || error.code === 'TOO_SLOW') this.#answered.delete(url.host);
    const asked = URL.parse(`https://${error.host}/`) ?? url;
    if (this.isAllowed(asked) || (this.isPublic(asked) && !this.reach.refuses(asked.hostname))) return error;
    this.#tell(error);
    return new NetError('UNREACHABLE', error.host, unaskable(error.host));
  }

  #tell(error: NetError): void {
    const { host, code, message } = error;
    const now = this.#clock.now();
    const before = this.#told.get(host);
    if (before !== undefined && now >= before && now - before < reachLimits.tellEvery) return;
    if (!this.#mayTell(now)) return;
    this.#told.delete(host);
    this.#told.set(host, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > reachLimits.told && oldest !== undefined) this.#told.delete(oldest);
    this.#logger.warn('A registry that an object names could not be asked', { host, code, reason: message });
  }

  /** Whoever makes objects chooses hosts, as many as they like: the log takes some, and says of how many it does not tell. */
  #mayTell(now: number): boolean {
    const passed = now - this.#tellingSince;
    if (passed >= reachLimits.tellEvery || passed < 0) {
      if (this.#untold > 0) {
        this.#logger.warn('Further registries that objects name could not be asked', { times: this.#untold });
      }
      [this.#tellingSince, this.#toldNow, this.#untold] = [now, 0, 0];
    }
    if (this.#toldNow >= reachLimits.tellMost) {
      this.#untold += 1;
      return false;
    }
    this.#toldNow += 1;
    return true;
  }
}

function unaskable(host: string): string {
  return `${host} cannot be asked from here; check the name of the image, or ask whoever runs this program, whose log says why`;
}
