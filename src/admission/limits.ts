/** What an API server, or whoever else reaches the webhook, may make it hold, read or wait for. */
export const admissionLimits = {
  /** Bytes of a review: the API server takes bodies of 3 MiB, and an update shows the object as it was as well. */
  reviewBytes: 8_388_608,
  /** Levels within each other: custom resources may nest, schemas of them nest most. */
  reviewDepth: 200,
  /** Characters of what identifies a review (a UUID), and of names; all that Kubernetes gives out is shorter. */
  nameLength: 1024,
  /** Groups of one user; directories have users with hundreds. */
  groups: 5000,
  /** Bytes of bodies that are held at a time, of all reviews together. */
  heldBytes: 67_108_864,
  /** Reviews that are judged at a time; others wait for a place until their deadline. */
  judgedAtOnce: 512,
  /** Characters of a path with its query. */
  urlLength: 2048,
  /** Bytes of the head of a request. */
  headerBytes: 16_384,
  /** Milliseconds until the head of a request is whole, a handshake done, and a body there. */
  headTime: 10_000,
  bodyTime: 10_000,
  /** And for which an answer of HTTP/2 waits for a client to take it. */
  answerTime: 20_000,
  /** Milliseconds for which a connection is kept without a request: more than the 90 s after which API servers end theirs. */
  idleTime: 120_000,
  /** Connections of one process. An API server has a handful. */
  connections: 1000,
  /** Connections of the plain listener: whoever reads metrics, and the kubelet. */
  plainConnections: 100,
  /**
   * Bytes that a client may send before it hears that they were read (flow control of HTTP/2), of one request and of all requests on one
   * connection: most reviews come in one piece, without waiting for room.
   */
  streamWindow: 1_048_576,
  connectionWindow: 4_194_304,
  /** Requests at a time on one connection of HTTP/2; clients open another for more. */
  streams: 250,
  /** Milliseconds that an API server waits where it does not say so, and at most (`timeoutSeconds`, 1 to 30). */
  defaultTimeout: 10_000,
  longestTimeout: 30_000,
  /** Milliseconds before the end of that time at which an answer goes out in any case. */
  answerMargin: 500,
  /** Milliseconds for which a closing server goes on to take requests, so that nobody is sent to it any more when it stops. */
  drainTime: 5000,
  /** Milliseconds that it then waits for what is under way. */
  closeTime: 30_000,
  /** Characters of one warning: those that are longer may be cut by API servers. */
  warningLength: 256,
  /** Characters to which warnings are cut where all together are too long; what Kubernetes advises for each. */
  shortWarningLength: 120,
  /** Characters of all warnings: further ones are passed over by API servers. */
  warningsLength: 4096,
  /** Characters of the sentence that a denial is told with. */
  messageLength: 16_384,
  /** Audit annotations of one answer, and characters of each value. */
  auditAnnotations: 32,
  auditAnnotationLength: 10_240,
  /** Values that one patch sets. */
  patchedValues: 10_000,
  /** Bytes of a file with certificates, or of the state that certificates are made from. */
  certificateBytes: 1_048_576,
  /** Certificates of one file. */
  certificates: 50,
} as const;
