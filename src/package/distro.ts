/** The operating-system release that an image's packages come from. */
export interface Distro {
  /** `ID` of os-release, lower-case: `debian`, `alpine`, `rhel`, `wolfi`. */
  readonly id: string;
  /** `VERSION_ID`, or what stands in for it: `12`, `3.19.1`, `22.04`; empty for rolling distributions without one. */
  readonly version: string;
  /** `PRETTY_NAME`, for people. */
  readonly prettyName?: string;
  /** `VERSION_CODENAME`: `bookworm`. */
  readonly codename?: string;
  /** `ID_LIKE`, split. */
  readonly idLike: readonly string[];
  /** Branches named in `/etc/apk/repositories` (`v3.19`, `edge`); decides the release for Alpine (highest wins). */
  readonly repositories?: readonly string[];
  /** True when Ubuntu Pro's esm-infra is on. */
  readonly esm?: boolean;
}
