/** What scanning for admission may take, where a configuration does not say otherwise. Times in milliseconds. */
export const findingLimits = {
  /** How long whoever asks first waits for what is looked for; after that it is pending, and goes on. */
  waitTime: 2000,
  /** Images that are looked at or wait for that; those beyond are pending, and are looked at when somebody asks again. */
  waiting: 200,
  /** Images of which it is remembered what was found, and characters of that. */
  images: 5000,
  characters: 67_108_864,
  /** How long it is remembered that an image could not be looked at. */
  failedTime: 60_000,
  /** How often the vulnerability database is looked at. */
  databaseTime: 30_000,
  /** Packages of one question to a worker. */
  packagesTogether: 4000,
} as const;
