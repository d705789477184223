/** What a client may make the registry hold, read or wait for. */
export const limits = {
  /** Bytes of a manifest (distribution-spec, "Pushing Manifests": at least 4 MiB; containerd and containers/image take no more). */
  manifestBytes: 4_194_304,
  /** Bytes of the head of a request: a Bearer token of some kilobytes must fit. */
  headerBytes: 32_768,
  /** Headers of a request: proxies and clients together send some twenty. */
  headers: 100,
  /** Characters of a path with its query. */
  urlLength: 8192,
  /** Bytes of a blob or manifest that lies in the database, beside its record: one write and one read fewer. */
  inlineBytes: 65_536,
  /** Bytes of one blob (100 GiB), unless the configuration says otherwise. */
  blobBytes: 107_374_182_400,
  /** Uploads that one identity has under way, which ends for those that nothing comes for any more. */
  uploads: 10_000,
  /** Entries of a page of tags, repositories or referrers, whatever the client asks for. */
  pageEntries: 1000,
  /** Bytes of a page of referrers; more is paged (distribution-spec, "Listing Referrers"). */
  pageBytes: 3_145_728,
  /** Tags that one request may set (distribution-spec: at least 10). */
  tagParameters: 32,
  /** Repositories that are looked at for a mount without a source. */
  mountHolders: 32,
  /** Of these, so many for which the gate is asked: each may be a look at images that nobody asked for yet. */
  mountJudged: 8,
  /** Milliseconds for the head of a request, and for silence in the middle of a body. */
  headTimeout: 15_000,
  idleTimeout: 60_000,
  /** Milliseconds after which the head of a blob's answer goes out before its first bytes. */
  headDelay: 250,
  /** Connections of one process. */
  connections: 10_000,
  /** Bytes a second, on average over so many milliseconds, that a body comes with and an answer is taken with; a modem has 7000. */
  leastSpeed: 2048,
  paceWindow: 30_000,
  /** Milliseconds between two looks at how quickly clients are. */
  paceEvery: 5000,
  /** Requests that wait on one connection for the answer to one before them: clients of registries send none ahead. */
  pipelined: 32,
  /** Connections too many that are told so at a time; others are only ended. */
  toldRefusals: 500,
  /** Milliseconds within which the database must answer, so that the registry counts as ready. */
  readyTime: 3000,
  /** Bytes and milliseconds of a refused body that are still taken, so that its client reads why before the connection ends. */
  lingerBytes: 16_777_216,
  lingerTime: 2000,
  /** Bytes of manifests that are kept in memory. */
  manifestCacheBytes: 67_108_864,
  /** Warnings in the headers of one answer, and characters of each: all together less than 4096 bytes (distribution-spec, "Warnings"). */
  warnings: 8,
  warningLength: 480,
  /** Milliseconds until a blob that nothing names any more may go; clients must have sent their manifest by then. */
  lease: 3_600_000,
} as const;
