/** What `build` is told besides the settings, as commander gives it. */
export interface BuildFlags {
  readonly from: string;
  readonly add: readonly string[];
  readonly mkdir: readonly string[];
  readonly entrypoint?: string;
  readonly cmd?: string;
  readonly env: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly label: readonly string[];
  readonly annotation: readonly string[];
  readonly revision?: string;
  readonly expose: readonly string[];
  readonly volume: readonly string[];
  readonly stopSignal?: string;
  readonly platform: readonly string[];
  readonly compression: string;
  readonly output: readonly string[];
  readonly push?: string;
  readonly tag: readonly string[];
  readonly digestFile?: string;
  readonly json?: true;
}
