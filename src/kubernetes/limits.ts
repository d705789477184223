/** What an API server, or somebody in its place, may make this folder read, hold or repeat; real ones stay far below. */
export const kubernetesLimits = {
  /** Bytes of one answer: one object (a request may have 3 MiB), or one page of a list. */
  answerBytes: 67_108_864,
  /** Bytes read of the body of an error, and the time given to it. */
  errorBytes: 65_536,
  errorMs: 5000,
  /** Characters of the server's own words that are kept in a message. */
  messageLength: 500,
  /** Causes of an error that are looked at. */
  causes: 100,
  /** Objects asked for in one page. */
  pageSize: 500,
  /** Pages of one list, and bytes of all of them. */
  listPages: 10_000,
  listBytes: 2_147_483_648,
  /** How often a list that became too old on the way begins anew. */
  listRestarts: 2,
  /** Characters of a name, a selector and a token of a page. */
  nameLength: 253,
  selectorLength: 16_384,
  continueLength: 65_536,
  /** How often a request is sent again that the server refused for now, and the longest pause before that. */
  throttledTries: 5,
  throttledMs: 30_000,
  /** Warnings of one answer, and characters of each, that are passed on. */
  warnings: 20,
  warningLength: 500,
  /** Groups and versions, and resources of one, that are looked at. */
  groups: 5000,
  resources: 10_000,
  /** Groups that are asked at a time where the server does not tell of all at once. */
  discoveryWidth: 8,
  /** Requests under way at a time. Watches have places of their own. */
  requests: 32,
  watches: 512,
} as const;
