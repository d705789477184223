import type { Network } from '../../../net/network.ts';

/** What a source of tokens may look at. */
export interface TokenSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly network: Network;
  /** A file's text; undefined where there is none. */
  readonly readText: (path: string) => Promise<string | undefined>;
  /** Whether a local socket is there. */
  readonly hasSocket: (path: string) => Promise<boolean>;
  /** Whom the token is for: Fulcio's client id. */
  readonly audience: string;
}

/** One place where tokens come from without anybody being asked. */
export interface TokenSource {
  /** As `--oidc-provider` names it, in cosign's words. */
  readonly id: string;
  /** The token's text; undefined where this place does not exist. @throws SigningError when it exists and fails */
  readonly find: (surroundings: TokenSurroundings, signal?: AbortSignal) => Promise<string | undefined>;
}
