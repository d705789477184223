/** What policies may make the webhook register, and how often it mends what others change. Times in milliseconds. */
export const webhookLimits = {
  /** Policies with webhooks of their own: a configuration is one object, which may have some 1.5 MB. */
  ownWebhooks: 200,
  /** Between two looks where nobody tells of a change. */
  lookTime: 30_000,
  /** How long what a cluster has counts. */
  discoveryTime: 60_000,
  /** The pause after a change, doubled with each one that somebody else undoes. */
  leastPause: 1000,
  mostPause: 300_000,
  /** Until the last API server has heard of a configuration; they are told within moments. */
  propagation: 5000,
} as const;
