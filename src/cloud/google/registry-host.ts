/**
 * Artifact Registry's hosts for images, one for each location, and those of the Container Registry that it took over
 * (Artifact Registry documentation, "Transition from Container Registry"). Other names under these domains serve what is public or
 * no images at all.
 */
const pattern =
  /^(?:[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,3}-docker\.pkg\.dev|docker\.[a-z0-9-]{1,60}\.rep\.pkg\.dev|(?:(?:us|eu|asia)\.)?gcr\.io)$/;

/** Whether a host is a registry of Google. */
export function isGoogleRegistry(host: string): boolean {
  return pattern.test(host);
}
