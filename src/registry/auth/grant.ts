import type { Action } from './access.ts';

/** Rights on repositories, whoever has them. */
export interface RepositoryGrant {
  /** Path patterns of `base/glob.ts`: `*` is within one component, `**` is any number of components, none included. */
  readonly repositories: readonly string[];
  /** `*` stands for all actions. */
  readonly actions: readonly (Action | '*')[];
}

/** Rights on repositories and who has them. What no grant names is denied. */
export interface Grant extends RepositoryGrant {
  /**
   * `user:NAME`, `robot:NAME`, `workload:NAME`, `certificate:NAME`, `group:NAME`, each name exactly as it stands;
   * `authenticated` for everybody who was told apart; `anonymous` for everybody, since whoever logs in must not lose what
   * strangers may do.
   */
  readonly to: readonly string[];
}
