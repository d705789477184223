import type { ListenAddress } from '../../net/listen-address.ts';
import type { Platform } from '../../oci/platform.ts';
import type { DialectSettings } from '../../policy/dialects/model.ts';
import type { KyvernoSettings } from '../../policy/kyverno/rule/model.ts';
import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import type { TufAnchor } from '../../signing/trust/tuf/anchor.ts';
import type { ProviderSettings } from '../gatekeeper/serve/open-provider-server.ts';
import type { ImageTimes } from '../image/limits.ts';
import type { ReachSettings } from '../../evidence/reach/model.ts';

/** Whom a file says to trust. */
export interface FileTrust {
  readonly material: TrustMaterial;
  /** Another text for another file: what was verified by the one does not count by the other. */
  readonly revision: string;
}

/** What a webhook is told by whoever runs it. */
export interface AdmissionSettings {
  readonly listen: ListenAddress;
  /** Where metrics and health are told without TLS. */
  readonly plainListen?: ListenAddress;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** How Gatekeeper is answered; it is not where this is absent. */
  readonly gatekeeper?: ProviderSettings;
  readonly kyverno: KyvernoSettings;
  readonly policyController?: DialectSettings['policyController'];
  /** Whom to trust: a file that was read, or what a TUF repository says. Neither where policies bring all of that. */
  readonly trust?: FileTrust | { readonly anchor: TufAnchor };
  /** Whether a log must hold signatures by keys, where a policy does not say. */
  readonly logKeys: boolean;
  /** Platforms that an index is judged by; all that it has where none is named. */
  readonly platforms: readonly Platform[];
  /** `namespace/name` of Secrets whose credentials count for all images. */
  readonly pullSecrets: readonly string[];
  /** Clouds whose credentials count for all images. */
  readonly providers: readonly string[];
  /** Which registries are asked. */
  readonly reach: ReachSettings;
  /** Namespaces in which nothing is judged; the webhook's own among them, lest it keep itself from starting. */
  readonly exceptNamespaces: readonly string[];
  readonly times: ImageTimes;
  /** Where whom to trust is kept between starts. */
  readonly cacheFolder: string;
}
