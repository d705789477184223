import type { FaultPlan } from '../fault.ts';
import { type DevKey, makeDevKey } from '../key/dev-key.ts';
import type { IssuerKind } from './issuer-kind.ts';
import { type Claims, signJwt } from './jwt.ts';
import { sampleClaims } from './sample-claims.ts';

/** Gives out tokens in one issuer's name. */
export class Issuer {
  readonly kind: IssuerKind;
  /** Where it is, without a slash at the end. */
  readonly url: string;
  /** What it calls itself in tokens: its address, unless a test wants the name of a real one. */
  readonly name: string;
  readonly #makeKey: () => DevKey;
  #key: DevKey | undefined;
  readonly #faults: FaultPlan;
  readonly #now: () => Date;

  constructor(options: {
    readonly kind: IssuerKind;
    readonly url: string;
    readonly name: string;
    readonly makeKey: () => DevKey;
    readonly faults: FaultPlan;
    readonly now: () => Date;
  }) {
    ({ kind: this.kind, url: this.url, name: this.name, makeKey: this.#makeKey } = options);
    this.#faults = options.faults;
    this.#now = options.now;
  }

  /** Made when it is first needed: RSA takes its time. */
  get key(): DevKey {
    this.#key ??= this.#makeKey();
    return this.#key;
  }

  /** A token that holds for ten minutes. Claims given replace those of the sample; `aud` is `sigstore` by default. */
  token(claims: Claims = {}): string {
    const issued = Math.floor(this.#now().getTime() / 1000);
    const all: Record<string, unknown> = {
      iss: this.name,
      aud: 'sigstore',
      iat: issued,
      nbf: issued,
      exp: issued + 600,
      ...sampleClaims[this.kind],
      ...claims,
    };
    if (this.#faults.spoils('oidc.expired'))
      Object.assign(all, { iat: issued - 1200, nbf: issued - 1200, exp: issued - 600 });
    if (this.#faults.spoils('oidc.wrong-audience')) all['aud'] = 'somebody-else';
    if (this.#faults.spoils('oidc.unverified-email')) all['email_verified'] = false;
    if (all['nonce'] !== undefined && this.#faults.spoils('oidc.wrong-nonce')) all['nonce'] = 'another';
    return signJwt(all, this.#faults.spoils('oidc.wrong-signature') ? makeDevKey('rsa') : this.key);
  }
}
