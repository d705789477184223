/** Configs of images. What else a manifest may call itself is scanned when somebody pulls it. */
export const imageTypes = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
] as const;
