/** Bounds of scans. Times in milliseconds, sizes in bytes. */
export const scanningLimits = {
  /** How long a manifest that is not kept yet waits for its scan to be asked for again. */
  offerTime: 3_600_000,
  /** Layers of an image that are read at a time, as many as come at a time where it is pulled for the first time. */
  layers: 3,
  /** The same without threads, where more must be there for zlib to have work while another one's bytes are hashed. */
  layersHere: 4,
  /** With no more processors than these, layers are read without threads of their own. */
  fewProcessors: 2,
  /** Times that an image is tried; those in which the registry itself ended count as well. */
  attempts: 3,
  /** Wait before the second attempt; doubled for each further one. */
  retryDelay: 15_000,
  /** A scan gives way to others when it waits for its content, of which fewer bytes came in this time; and comes back after the delay. */
  paceTime: 3000,
  paceBytes: 3_145_728,
  slowDelay: 5000,
  /** After so long, what could not be scanned is tried again when somebody asks. */
  failureTime: 21_600_000,
  /** The same where it was its content that could not be had: an upstream that was away is back sooner. */
  unavailableTime: 60_000,
  /** A process that scans says so anew; when it does not, it is gone. */
  leaseTime: 15_000,
  renewTime: 5000,
  /** How often scans are looked for whose process is gone. */
  sweepTime: 10_000,
  /** How often somebody who waits looks whether another process has scanned. */
  waitTime: 250,
  /** How often the vulnerability database is looked at. */
  databaseTime: 30_000,
  /** How long it is remembered since when a flaw was known that a package does not have any more. */
  goneTime: 7_776_000_000,
  /** Rows that one transaction of upkeep removes, and that it looks through at once. */
  removedTogether: 500,
  stretch: 250,
  /** How long what is known of an image that is in no repository is kept, from its scan on: pushes that were refused come again. */
  unusedTime: 86_400_000,
  /** What was pushed longer ago and has no scan is missing one, and what has waited for longer may have lost its job. */
  missingTime: 60_000,
  /** How long after the longest scan the files are removed that were lent to it, where its process was killed before it could. */
  linksAge: 3_600_000,
  /** Evidence that is kept at hand in a process. */
  cachedImages: 256,
  cachedBytes: 67_108_864,
} as const;
